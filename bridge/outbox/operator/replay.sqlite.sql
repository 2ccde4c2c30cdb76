-- name: lock_event
-- Writers take turns on SQLite.
SELECT id FROM events WHERE id = :event_id
