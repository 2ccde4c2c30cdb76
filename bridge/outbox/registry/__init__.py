"""What the outbox knows of its surroundings: hooks, accounts, targets, mapping sets and processes."""
