-- name: take
-- Locked in the order of their ids: a person may be cancelling some of them.
WITH free AS (
    SELECT id FROM deliveries WHERE id = ANY(:delivery_id) AND state = :PENDING ORDER BY id FOR NO KEY UPDATE
)
UPDATE deliveries d
SET
    state = :CLAIMED, call_id = :call_id, lease_until = :lease_until,
    first_try_at = COALESCE(d.first_try_at, :now)
FROM free
WHERE d.id = free.id
