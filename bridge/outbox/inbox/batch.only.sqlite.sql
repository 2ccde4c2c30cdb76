-- name: first_free_ids
-- The first free id of each table: nobody else writes until this transaction ends.
SELECT
    COALESCE(MAX(CASE name WHEN 'requests' THEN seq END), 0) + 1 AS requests,
    COALESCE(MAX(CASE name WHEN 'events' THEN seq END), 0) + 1 AS events,
    COALESCE(MAX(CASE name WHEN 'deliveries' THEN seq END), 0) + 1 AS deliveries
FROM sqlite_sequence
WHERE name IN ('requests', 'events', 'deliveries')

-- name: add_requests
INSERT INTO requests (
    id, hook_id, received_at, content_type, meta, body
)
:rows

-- name: add_events
-- Counts the rows whose key was free.
INSERT INTO events (
    id, request_id, item, hook_id, received_at, kind, type, state, reason, key, key_until, mapping_set_id, lead,
    notes
)
:rows
ON CONFLICT (hook_id, key) DO NOTHING

-- name: events_from
SELECT id FROM events WHERE id >= :first

-- name: add_deliveries
INSERT INTO deliveries (
    id, event_id, waits_for, available_at, action_no, account_id, lane_id, ordered, priority, state, on_doubt, lead,
    received_at
)
:rows

-- name: add_payloads
INSERT INTO payloads (
    delivery_id, body
)
:rows
