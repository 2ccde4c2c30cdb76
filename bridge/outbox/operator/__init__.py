"""What a person asks of the outbox, and does with it: status, search, timeline, retry, replay, cancel."""
