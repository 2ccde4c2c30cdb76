-- fragment: first_of_its_lead
-- Whether a pending delivery `d` may go: no earlier one of its lead is open that it waits for (`Order`), and none is in a
-- call, whichever APIs they go to; a withdrawal waits for a journey in a call, too. Judging this at claim time, row by row
-- and without a lock on the lead, is sound because every claim and every finish first locks the row of the account.
(
    d.ordered = :FREE OR (
        NOT EXISTS (
            SELECT 1 FROM deliveries e
            WHERE e.account_id = d.account_id AND e.lead = d.lead AND e.state IN (:PENDING, :CLAIMED, :BLOCKED)
                AND e.ordered > 0 AND e.id < d.id
                AND (
                    d.ordered = :TAG
                    OR (d.ordered <> :WITHDRAWAL AND e.ordered < :TAG)
                    OR (
                        (
                            (d.ordered = :WITHDRAWAL AND e.ordered = :WITHDRAWAL)
                            OR (d.ordered = :LEAVE AND e.priority <> :WAITING)
                        )
                        -- Whoever leaves does not wait for long, nor for a lane that is held.
                        AND d.available_at > :now - :PATIENCE
                        AND NOT EXISTS (SELECT 1 FROM lanes h WHERE h.id = e.lane_id AND h.held_since IS NOT NULL)
                    )
                )
        )
        AND NOT EXISTS (
            SELECT 1 FROM deliveries e
            WHERE e.account_id = d.account_id AND e.lead = d.lead AND e.state = :CLAIMED
                AND (e.ordered > 0 OR d.ordered = :WITHDRAWAL)
        )
    )
)

-- fragment: next_of_its_lead
-- The first of all that is open of the lead of a delivery `d`.
(
    SELECT n.id FROM deliveries n
    WHERE n.account_id = d.account_id AND n.lead = d.lead
        AND n.state IN (:PENDING, :CLAIMED, :BLOCKED) AND n.ordered > 0
    ORDER BY n.id
    LIMIT 1
)

-- fragment: next_but_tags_of_its_lead
-- The first that waits for no tag; a tag before it may wait for a confirmation.
(
    SELECT n.id FROM deliveries n
    WHERE n.account_id = d.account_id AND n.lead = d.lead
        AND n.state IN (:PENDING, :CLAIMED, :BLOCKED) AND n.ordered > 0 AND n.ordered < :TAG
    ORDER BY n.id
    LIMIT 1
)

-- name: followers
-- Of the front of a lane's priority, those that must wait for another of their lead and were never in a call.
SELECT d.id
FROM (
    SELECT id, lead, account_id, ordered, available_at, first_try_at
    FROM deliveries
    WHERE lane_id = :lane_id AND priority = :priority AND state = :PENDING AND available_at <= :now
    ORDER BY available_at, id
    LIMIT :front
) d
WHERE d.first_try_at IS NULL AND d.ordered <> :WITHDRAWAL AND NOT {first_of_its_lead}
ORDER BY d.id
