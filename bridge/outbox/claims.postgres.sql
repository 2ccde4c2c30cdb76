-- name: take
-- Locked in the order of their ids: a person may be cancelling some of them.
WITH given AS (
    SELECT d.id, g.call_id, g.lease_until, g.now
    FROM unnest(:delivery_id::bigint[], :call_id::bigint[], :lease_until::bigint[], :now::bigint[])
        AS g (id, call_id, lease_until, now)
    JOIN deliveries d ON d.id = g.id AND d.state = :PENDING
    ORDER BY d.id
    FOR NO KEY UPDATE OF d
)
UPDATE deliveries d
SET
    state = :CLAIMED, call_id = g.call_id, lease_until = g.lease_until, first_try_at = COALESCE(d.first_try_at, g.now)
FROM given g
WHERE d.id = g.id
