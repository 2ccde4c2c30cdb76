"""How the service stands: read once, as pages, documents, gauges and forecasts show it."""
