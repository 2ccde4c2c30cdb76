-- name: blocked_by
-- One delivery waits for another of its event only, so no index of its own is needed for that.
SELECT d.id, a.name AS api
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
WHERE
    d.event_id = (SELECT w.event_id FROM deliveries w WHERE w.id = :waits_for)
    AND d.waits_for = :waits_for AND d.state = :BLOCKED
ORDER BY d.id

-- name: bury_dependent
UPDATE deliveries SET state = :DEAD, reason = 'prerequisite', ended_at = :now WHERE id = :delivery_id AND state = :BLOCKED

-- name: unblock
UPDATE deliveries
SET state = :PENDING, available_at = :now
WHERE
    event_id IN (SELECT w.event_id FROM deliveries w WHERE w.id = EACH(:waits_for))
    AND waits_for = EACH(:waits_for) AND state = :BLOCKED
