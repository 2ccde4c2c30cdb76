-- name: defer
UPDATE deliveries SET available_at = :until
WHERE id = :delivery_id AND state = :PENDING AND first_try_at IS NULL

-- name: space_out
UPDATE deliveries SET available_at = :until
WHERE id = :delivery_id AND state = :PENDING AND first_try_at IS NULL

-- name: promote
UPDATE deliveries SET available_at = MIN(available_at, :now)
WHERE state = :PENDING AND first_try_at IS NULL AND id = (
    SELECT (
        SELECT n.id FROM deliveries n
        WHERE n.account_id = d.account_id AND n.lead = d.lead
            AND n.state IN (:PENDING, :CLAIMED, :BLOCKED) AND n.ordered > 0 AND n.ordered < :TAG
        ORDER BY n.id
        LIMIT 1
    )
    FROM deliveries d
    WHERE d.id = :ended AND d.ordered > 0
)
