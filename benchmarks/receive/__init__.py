"""How fast webhooks are taken, beside a Flask handler that does nothing."""
