-- name: purge_body
UPDATE requests SET body = NULL, meta = NULL WHERE id = ANY(:request_id)

-- name: purge_notes
UPDATE events SET notes = NULL WHERE request_id = ANY(:request_id)

-- name: purge_fetched
DELETE FROM fetched WHERE event_id IN (SELECT id FROM events WHERE request_id = ANY(:request_id))

-- name: purge_payloads
DELETE FROM payloads
WHERE delivery_id IN (
    SELECT d.id FROM events e JOIN deliveries d ON d.event_id = e.id WHERE e.request_id = ANY(:request_id)
)

-- name: purge_attempts
DELETE FROM attempts
WHERE delivery_id IN (
    SELECT d.id FROM events e JOIN deliveries d ON d.event_id = e.id WHERE e.request_id = ANY(:request_id)
)

-- name: purge_deliveries
DELETE FROM deliveries WHERE event_id IN (SELECT id FROM events WHERE request_id = ANY(:request_id))

-- name: purge_events
DELETE FROM events WHERE request_id = ANY(:request_id)

-- name: purge_request
DELETE FROM requests WHERE id = ANY(:request_id)
