-- fragment: first_of_its_lead
-- Whether a pending delivery `d` may go: no earlier ordered one of its lead is open, and none is in a call. Judging this
-- at claim time, row by row and without a lock on the lead, is sound because all ordered deliveries of an account go
-- through one API (ORDERED_API, a single one), whose row every claim and every finish locks first.
(
    d.ordered = 0 OR (
        NOT EXISTS (
            SELECT 1 FROM deliveries e
            WHERE e.account_id = d.account_id AND e.lead = d.lead
                AND e.state IN (:PENDING, :CLAIMED, :BLOCKED) AND e.ordered = 1 AND e.id < d.id
        )
        AND NOT EXISTS (
            SELECT 1 FROM deliveries e
            WHERE e.account_id = d.account_id AND e.lead = d.lead AND e.state = :CLAIMED AND e.ordered = 1
        )
    )
)

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
WHERE d.first_try_at IS NULL AND NOT {first_of_its_lead}
ORDER BY d.id
