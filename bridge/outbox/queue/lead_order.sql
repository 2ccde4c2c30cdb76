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
