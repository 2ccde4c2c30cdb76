-- name: unblock
UPDATE deliveries SET state = :PENDING, available_at = :now WHERE waits_for = ANY(:waits_for) AND state = :BLOCKED
