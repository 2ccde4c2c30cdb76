"""Commands that connect and run the service."""
