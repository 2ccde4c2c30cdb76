-- name: lock_event
-- Before the states of its deliveries are read, so that two replays of one event come one after the other.
SELECT id FROM events WHERE id = :event_id FOR NO KEY UPDATE
