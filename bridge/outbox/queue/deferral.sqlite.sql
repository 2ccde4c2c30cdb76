-- name: defer
UPDATE deliveries SET available_at = :until
WHERE id = :delivery_id AND state = :PENDING AND first_try_at IS NULL

-- name: space_out
UPDATE deliveries SET available_at = :until
WHERE id = :delivery_id AND state = :PENDING AND first_try_at IS NULL

-- name: promote
UPDATE deliveries SET available_at = MIN(available_at, :now)
WHERE state = :PENDING AND first_try_at IS NULL AND id IN (
    SELECT {next_of_its_lead}
    FROM deliveries d
    WHERE d.id = :ended AND d.ordered > 0
    UNION ALL
    SELECT {next_but_tags_of_its_lead}
    FROM deliveries d
    WHERE d.id = :ended AND d.ordered > 0
)
