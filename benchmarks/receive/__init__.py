"""How fast webhooks are taken, next to a Flask handler that does nothing."""
