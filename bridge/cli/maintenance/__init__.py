"""Commands that look after the outbox."""
