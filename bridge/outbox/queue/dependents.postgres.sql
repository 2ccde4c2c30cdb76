-- name: unblock
UPDATE deliveries
SET state = :PENDING, available_at = :now
WHERE
    event_id IN (SELECT w.event_id FROM deliveries w WHERE w.id = ANY(:waits_for))
    AND waits_for = ANY(:waits_for) AND state = :BLOCKED
