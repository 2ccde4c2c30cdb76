-- name: cancellable
SELECT d.id, d.state, d.reason, a.name AS api
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
WHERE d.id = :delivery_id AND d.state IN (:PENDING, :BLOCKED, :DEAD)

-- name: cancel_open
UPDATE deliveries SET state = :DEAD, reason = 'cancelled', ended_at = :now, cohort = NULL
WHERE id = :delivery_id AND state IN (:PENDING, :BLOCKED)

-- name: cancel_dead
UPDATE deliveries SET reason = 'cancelled' WHERE id = :delivery_id AND state = :DEAD AND reason <> 'cancelled'

-- name: dismiss_event
UPDATE events SET state = :IGNORED, reason = :reason WHERE id = :event_id AND state = :REFUSED
RETURNING (SELECT name FROM hooks WHERE hooks.id = events.hook_id) AS hook
