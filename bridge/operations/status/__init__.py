"""How the service stands: one snapshot, as pages, documents, gauges and forecasts show it."""
