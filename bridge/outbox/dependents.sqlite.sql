-- name: unblock
UPDATE deliveries SET state = :PENDING, available_at = :now WHERE waits_for = :waits_for AND state = :BLOCKED
