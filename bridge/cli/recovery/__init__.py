"""Commands that act on stored events and deliveries."""
