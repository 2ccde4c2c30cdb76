-- fragment: before_withdrawal
-- Whether the event `e` stands before the event `v`, by which its lead withdrew.
(
    CASE
        WHEN e.hook_id = v.hook_id AND e.sent_at <> v.sent_at THEN e.sent_at < v.sent_at
        ELSE e.id < v.id OR e.sent_at < COALESCE(v.sent_at, v.received_at)
    END
)

-- fragment: withdrew
-- Whether the delivery `w` is the withdrawal of the event `v`: not one that a replay has found to be none.
(
    w.ordered = :WITHDRAWAL AND v.state = :ACCEPTED AND NOT EXISTS (
        SELECT 1 FROM deliveries r WHERE r.event_id = v.id AND r.replay > w.replay AND r.ordered <> :WITHDRAWAL
    )
)

-- name: waiting_before_withdrawal
-- By the events of the lead, which is the way to those of its deliveries that need no order.
SELECT d.id, a.name AS api
FROM events v
JOIN events e ON e.lead = v.lead
JOIN deliveries d ON d.event_id = e.id
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
WHERE v.id = :event_id AND d.state IN (:PENDING, :BLOCKED) AND d.ordered <> :WITHDRAWAL
    AND d.account_id = (SELECT w.account_id FROM deliveries w WHERE w.event_id = :event_id LIMIT 1)
    AND {before_withdrawal}

-- name: lock_account_of_event
-- So that the calls of the account are claimed before this or after it.
SELECT id FROM accounts WHERE id = (SELECT d.account_id FROM deliveries d WHERE d.event_id = :event_id LIMIT 1)
-- postgres: FOR NO KEY UPDATE

-- name: end_withdrawn
-- What would be tried again although its lead has withdrawn since.
UPDATE deliveries SET state = :DEAD, reason = 'withdrawn', ended_at = :now, cohort = NULL
WHERE id = EACH(:delivery_id) AND state = :PENDING AND ordered <> :WITHDRAWAL AND EXISTS (
    SELECT 1
    FROM events e
    JOIN deliveries w ON w.account_id = deliveries.account_id AND w.lead = deliveries.lead AND w.ordered = :WITHDRAWAL
    JOIN events v ON v.id = w.event_id
    WHERE e.id = deliveries.event_id AND {withdrew} AND {before_withdrawal}
)

-- name: end_waiting
UPDATE deliveries SET state = :DEAD, reason = :reason, ended_at = :now, cohort = NULL
WHERE id = :delivery_id AND state IN (:PENDING, :BLOCKED)

-- name: withdrawn_in_call
SELECT d.id
FROM deliveries d
JOIN events e ON e.id = d.event_id
JOIN deliveries w ON w.account_id = d.account_id AND w.lead = d.lead AND w.ordered = :WITHDRAWAL
JOIN events v ON v.id = w.event_id
WHERE d.call_id = :call_id AND d.state = :CLAIMED AND d.ordered <> :WITHDRAWAL AND {withdrew}
    AND {before_withdrawal}

-- name: overtaken_in_call
-- An older state of a lead than one that was sent or waits: for the same target, or the contrary for the same list or tag.
-- A withdrawal is overtaken by a newer consent alone. What a replay brings is sent all the same.
SELECT d.id
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN events e ON e.id = d.event_id
JOIN events o ON o.lead = d.lead AND o.hook_id = e.hook_id AND o.state = :ACCEPTED AND o.sent_at > e.sent_at
JOIN deliveries n ON n.event_id = o.id AND n.state <> :DEAD
JOIN lanes m ON m.id = n.lane_id
JOIN apis a ON a.id = m.api_id
WHERE d.call_id = :call_id AND d.state = :CLAIMED AND d.replay = 0 AND e.sent_at IS NOT NULL AND (
    (d.ordered > :WITHDRAWAL AND n.lane_id = d.lane_id)
    OR (
        d.ordered >= :WITHDRAWAL AND n.ordered > :WITHDRAWAL AND m.api_id <> l.api_id
        AND l.list_name = m.list_name AND l.list_key = m.list_key AND l.tag = m.tag
    )
    OR (d.ordered = :WITHDRAWAL AND l.list_name = '' AND l.list_key = '' AND a.name IN ('subscribe', 'add_leads'))
)

-- name: stuck_withdrawals
SELECT COUNT(*) AS total, MIN(received_at) AS since FROM deliveries
WHERE ordered = :WITHDRAWAL AND state <> :DELIVERED AND (
    (state IN (:PENDING, :CLAIMED, :BLOCKED) AND received_at < :before)
    OR (state = :DEAD AND reason NOT IN ('cancelled', 'overtaken', 'withdrawn'))
)

-- name: api_of_call
SELECT a.name FROM calls c JOIN apis a ON a.id = c.api_id WHERE c.id = :call_id

-- name: end_claimed
UPDATE deliveries
SET state = :DEAD, reason = :reason, ended_at = :now, cohort = NULL, call_id = NULL, lease_until = NULL
WHERE id = :delivery_id AND state = :CLAIMED

-- name: withdrawal_after
SELECT MIN(v.id) AS id
FROM events e
JOIN deliveries w ON w.lead = :lead AND w.ordered = :WITHDRAWAL
JOIN accounts n ON n.id = w.account_id AND n.name = :account
JOIN events v ON v.id = w.event_id AND v.id <> e.id
WHERE e.id = :event_id AND {withdrew} AND {before_withdrawal}
HAVING MIN(v.id) IS NOT NULL
