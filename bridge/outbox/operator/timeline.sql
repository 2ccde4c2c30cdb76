-- name: events_by_newest
SELECT e.*, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id
ORDER BY e.id DESC LIMIT :limit

-- name: events_by_lead
SELECT e.*, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id
WHERE e.lead = :value
ORDER BY e.id DESC
LIMIT :limit

-- name: events_by_event_id
SELECT e.*, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id
WHERE e.id = :value
LIMIT :limit

-- name: events_by_delivery_id
SELECT e.*, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id
WHERE e.id = (SELECT event_id FROM deliveries WHERE id = :value)
LIMIT :limit

-- name: events_by_call_id
SELECT e.*, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id
WHERE e.id IN (
    SELECT d.event_id FROM attempts t JOIN deliveries d ON d.id = t.delivery_id WHERE t.call_id = :value
    UNION
    SELECT event_id FROM deliveries WHERE call_id = :value AND state = :CLAIMED
)
ORDER BY e.id DESC
LIMIT :limit

-- name: events_by_hook
SELECT e.*, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id
WHERE h.name = :hook AND e.state = :state
ORDER BY e.id DESC
LIMIT :limit

-- name: deliveries_of_event
SELECT
    d.*, {target}, l.held_reason, p.body
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id
LEFT JOIN payloads p ON p.delivery_id = d.id
WHERE d.event_id = :event_id
ORDER BY d.replay, d.action_no

-- name: attempts_of_delivery
SELECT
    t.call_id, t.outcome, t.result, t.code, t.message, c.started_at, c.answered_at, c.http_status, c.code AS call_code,
    c.message AS call_message
FROM attempts t
JOIN calls c ON c.id = t.call_id
WHERE t.delivery_id = :delivery_id
ORDER BY t.call_id

-- name: request_of
SELECT r.id, h.name AS hook, r.received_at, r.content_type, r.meta, r.body
FROM events e
JOIN requests r ON r.id = e.request_id
JOIN hooks h ON h.id = r.hook_id
WHERE e.id = :event_id
