-- name: events_of_person
SELECT id, request_id FROM events WHERE lead = :lead ORDER BY id

-- name: deliveries_of_person
SELECT d.id, d.state, d.reason, d.ordered, a.name AS api
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
WHERE d.event_id = :event_id
ORDER BY d.id

-- name: forget_attempts
DELETE FROM attempts WHERE delivery_id = :delivery_id

-- name: forget_payload
DELETE FROM payloads WHERE delivery_id = :delivery_id

-- name: forget_delivery
DELETE FROM deliveries WHERE id = :delivery_id

-- name: forget_event
UPDATE events SET lead = NULL, notes = NULL, key = :key, state = :IGNORED, reason = 'forgotten' WHERE id = :event_id

-- name: forget_fetched
DELETE FROM fetched WHERE event_id = :event_id

-- name: body_of_request
SELECT body, meta, (SELECT COUNT(*) FROM events e WHERE e.request_id = r.id) AS events
FROM requests r
WHERE id = :request_id

-- name: rewrite_request
UPDATE requests SET body = :body, meta = :meta WHERE id = :request_id

-- name: scan_requests
SELECT id, body, meta FROM requests WHERE id > :after ORDER BY id LIMIT :limit

-- name: scan_events
SELECT id, lead, key, reason, notes FROM events WHERE id > :after ORDER BY id LIMIT :limit

-- name: scan_fetched
SELECT event_id AS id, content FROM fetched WHERE event_id > :after ORDER BY event_id LIMIT :limit

-- name: scan_deliveries
SELECT id, lead, code FROM deliveries WHERE id > :after ORDER BY id LIMIT :limit

-- name: scan_payloads
SELECT delivery_id AS id, body FROM payloads WHERE delivery_id > :after ORDER BY delivery_id LIMIT :limit

-- name: scan_attempts
SELECT delivery_id AS id, call_id, code, message FROM attempts
WHERE delivery_id > :after OR (delivery_id = :after AND call_id > :after_call)
ORDER BY delivery_id, call_id
LIMIT :limit

-- name: scan_calls
SELECT id, code, message FROM calls WHERE id > :after ORDER BY id LIMIT :limit

-- name: rewrite_event
UPDATE events SET notes = NULL, key = :key WHERE id = :id

-- name: rewrite_attempt
UPDATE attempts SET message = '' WHERE delivery_id = :id AND call_id = :call_id

-- name: rewrite_call
UPDATE calls SET message = '' WHERE id = :id
