-- name: followers
-- Of the front of a lane's priority, those that must wait for another of their lead and were never in a call.
SELECT d.id
FROM (
    SELECT id, lead, account_id, ordered, first_try_at
    FROM deliveries
    WHERE lane_id = :lane_id AND priority = :priority AND state = :PENDING AND available_at <= :now
    ORDER BY available_at, id
    LIMIT :front
) d
WHERE d.ordered = 1 AND d.first_try_at IS NULL AND (
    EXISTS (
        SELECT 1 FROM deliveries e
        WHERE e.account_id = d.account_id AND e.lead = d.lead
            AND e.state IN (:PENDING, :CLAIMED, :BLOCKED) AND e.ordered = 1 AND e.id < d.id
    )
    OR EXISTS (
        SELECT 1 FROM deliveries e
        WHERE e.account_id = d.account_id AND e.lead = d.lead AND e.state = :CLAIMED AND e.ordered = 1
    )
)
ORDER BY d.id
