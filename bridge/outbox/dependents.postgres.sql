-- name: unblock
UPDATE deliveries d SET state = :PENDING, available_at = g.now
FROM unnest(:waits_for::bigint[], :now::bigint[]) AS g (id, now)
WHERE d.waits_for = g.id AND d.state = :BLOCKED
