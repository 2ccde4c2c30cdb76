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
