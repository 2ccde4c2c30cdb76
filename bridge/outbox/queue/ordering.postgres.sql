-- name: defer
-- Locked in the order of their ids: a person may be cancelling some of them.
WITH free AS (
    SELECT id FROM deliveries
    WHERE id = ANY(:delivery_id) AND state = :PENDING AND first_try_at IS NULL
    ORDER BY id
    FOR NO KEY UPDATE
)
UPDATE deliveries d SET available_at = :until FROM free WHERE d.id = free.id

-- name: space_out
WITH free AS (
    SELECT d.id, g.until
    FROM unnest(:delivery_id::bigint[], :until::bigint[]) AS g (id, until)
    JOIN deliveries d ON d.id = g.id AND d.state = :PENDING AND d.first_try_at IS NULL
    ORDER BY d.id
    FOR NO KEY UPDATE OF d
)
UPDATE deliveries d SET available_at = free.until FROM free WHERE d.id = free.id

-- name: promote
-- The next one is updated whether it was deferred or not: another process may just be deferring it, and is waited for.
UPDATE deliveries SET available_at = LEAST(available_at, :now)
WHERE state = :PENDING AND first_try_at IS NULL AND id = ANY(ARRAY(
    SELECT (
        SELECT n.id FROM deliveries n
        WHERE n.account_id = d.account_id AND n.lead = d.lead
            AND n.state IN (:PENDING, :CLAIMED, :BLOCKED) AND n.ordered > 0 AND n.ordered < :TAG
        ORDER BY n.id
        LIMIT 1
    )
    FROM deliveries d
    WHERE d.id = ANY(:ended) AND d.ordered > 0
))
