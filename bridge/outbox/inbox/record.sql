-- name: add_request
INSERT INTO requests (hook_id, received_at, content_type, meta, body)
VALUES (:hook_id, :received_at, :content_type, :meta, :body)
RETURNING id

-- name: drop_request
DELETE FROM requests WHERE id = :request_id

-- name: drop_request_if_empty
DELETE FROM requests
WHERE id = :request_id AND NOT EXISTS (SELECT 1 FROM events WHERE request_id = :request_id)

-- name: add_event
-- Gives no row when the key is taken. On PostgreSQL it waits for one that is just being stored, and the first event can
-- then only be seen by a second statement.
INSERT INTO events (
    request_id, item, hook_id, received_at, kind, type, state, reason, key, key_until, mapping_set_id, lead, notes
)
VALUES (
    :request_id, :item, :hook_id, :received_at, :kind, :type, :state, :reason, :key, :key_until, :mapping_set_id,
    :lead, :notes
)
ON CONFLICT (hook_id, key) DO NOTHING
RETURNING id

-- name: first_event
SELECT id, request_id, state, reason, key_until FROM events WHERE hook_id = :hook_id AND key = :key

-- name: free_key
UPDATE events SET key = NULL WHERE id = :event_id AND key = :key

-- name: replace_refused
UPDATE events
SET
    request_id = :request_id, item = :item, received_at = :received_at, kind = :kind, type = :type, state = :state,
    reason = :reason, key_until = :key_until, mapping_set_id = :mapping_set_id, lead = :lead, notes = :notes,
    fetch_at = 0, fetch_tries = 0
WHERE id = :event_id AND state = :REFUSED AND hook_id = :hook_id AND key = :key

-- name: add_delivery
INSERT INTO deliveries (
    event_id, action_no, account_id, lane_id, priority, state, ordered, on_doubt, lead, received_at, available_at,
    waits_for
)
VALUES (
    :event_id, :action_no, :account_id, :lane_id, :priority, :state, :ordered, :on_doubt, :lead, :received_at,
    :available_at, :waits_for
)
RETURNING id

-- name: add_payload
INSERT INTO payloads (delivery_id, body) VALUES (:delivery_id, :body)
