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
    SELECT {next_of_its_lead}
    FROM deliveries d
    WHERE d.id = ANY(:ended) AND d.ordered > 0
    UNION ALL
    SELECT {next_but_tags_of_its_lead}
    FROM deliveries d
    WHERE d.id = ANY(:ended) AND d.ordered > 0
))
