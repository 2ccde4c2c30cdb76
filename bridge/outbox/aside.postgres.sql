-- name: set_aside
-- Locked in the order of their ids: a person may be cancelling some of them.
WITH given AS (
    SELECT d.id, g.until
    FROM unnest(:delivery_id::bigint[], :until::bigint[]) AS g (id, until)
    JOIN deliveries d ON d.id = g.id AND d.state = :PENDING AND d.first_try_at IS NULL
    ORDER BY d.id
    FOR NO KEY UPDATE OF d
)
UPDATE deliveries d SET available_at = g.until FROM given g WHERE d.id = g.id

-- name: call_up
-- It looks at the one that follows whether it was set aside or not: somebody may be about to do that, and is waited for.
UPDATE deliveries n SET available_at = LEAST(n.available_at, f.now)
FROM (
    SELECT DISTINCT (
        SELECT n.id FROM deliveries n
        WHERE n.account_id = d.account_id AND n.lead = d.lead
            AND n.state IN (:PENDING, :CLAIMED, :BLOCKED) AND n.ordered = 1
        ORDER BY n.id
        LIMIT 1
    ) AS id, g.now
    FROM unnest(:ended::bigint[], :now::bigint[]) AS g (id, now)
    JOIN deliveries d ON d.id = g.id AND d.ordered = 1
) f
WHERE n.id = f.id AND n.state = :PENDING AND n.first_try_at IS NULL
