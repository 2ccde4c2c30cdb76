-- name: lock_event
-- SQLite has one writer at a time.
SELECT id FROM events WHERE id = :event_id
