-- name: unblock
UPDATE deliveries
SET state = :PENDING, available_at = :now
WHERE
    event_id = (SELECT w.event_id FROM deliveries w WHERE w.id = :waits_for)
    AND waits_for = :waits_for AND state = :BLOCKED
