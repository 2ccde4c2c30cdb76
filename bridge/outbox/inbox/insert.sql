-- The only INSERTs of requests, events, deliveries and payloads. `:rows` stands for the columns and values, which
-- rows.py lists.

-- name: add_requests
INSERT INTO requests :rows

-- name: add_events
-- Counts the rows whose key was free. PostgreSQL waits here for one of the same key that is just being stored; what it
-- was can only be seen by a later statement.
INSERT INTO events :rows ON CONFLICT (hook_id, key, variant) DO NOTHING

-- name: add_deliveries
INSERT INTO deliveries :rows

-- name: add_payloads
INSERT INTO payloads :rows

-- name: events_between
SELECT id FROM events WHERE id >= :first AND id <= :last
