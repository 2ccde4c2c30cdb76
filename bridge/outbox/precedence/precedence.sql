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

-- fragment: came_after
-- Whether the event `o` is newer than the event `e` of the same lead.
(
    CASE WHEN o.hook_id = e.hook_id AND o.sent_at <> e.sent_at THEN o.sent_at > e.sent_at ELSE o.id > e.id END
)

-- fragment: same_target
-- Whether what goes in the lane `m` replaces what goes in the lane `l`: the same list, tag or journey, whatever the API.
(
    (m.list_name, m.list_key, m.journey_name, m.journey_key, m.trigger_key, m.tag)
    = (l.list_name, l.list_key, l.journey_name, l.journey_key, l.trigger_key, l.tag)
)

-- fragment: given_target
-- The target that a query is given, in place of a lane.
(
    SELECT
        CAST(:list_name AS TEXT) AS list_name, CAST(:list_key AS TEXT) AS list_key, CAST(:tag AS TEXT) AS tag,
        CAST(:journey_name AS TEXT) AS journey_name, CAST(:journey_key AS TEXT) AS journey_key,
        CAST(:trigger_key AS TEXT) AS trigger_key
)

-- fragment: overtakes
-- Whether the delivery `n` of a newer event, in the lane `m` of the API `a`, replaces `d` in the lane `l`: it says the same
-- of its lead, or the contrary, of the same list, tag or journey. A withdrawal is replaced by a consent alone,
-- do-not-mail by that to any list; what a withdrawal replaces is for `withdrew`.
(
    n.state <> :DEAD AND n.ordered <> :WITHDRAWAL AND (
        {same_target} OR (
            d.ordered = :WITHDRAWAL AND l.list_name = '' AND l.list_key = '' AND l.tag = ''
            AND a.name IN ('subscribe', 'add_leads')
        )
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
-- What is older, by its sender's time, than what has gone since or goes before it. What a replay brings is sent all the
-- same: the replay itself has looked (`overtaken_by`). A journey is no state that a later one replaces: it starts.
SELECT d.id
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN events e ON e.id = d.event_id
JOIN events o ON o.lead = d.lead AND o.id <> e.id AND o.state = :ACCEPTED
JOIN deliveries n ON n.event_id = o.id AND n.lead = d.lead AND n.account_id = d.account_id
JOIN lanes m ON m.id = n.lane_id
JOIN apis a ON a.id = m.api_id
WHERE d.call_id = :call_id AND d.state = :CLAIMED AND d.replay = 0 AND d.ordered > :FREE AND e.sent_at IS NOT NULL
    AND (n.state = :DELIVERED OR n.id < d.id) AND {came_after} AND {overtakes}

-- name: overtaken_by
-- The first newer event of a lead with a delivery by which one to this target, were it sent now, would be overtaken.
SELECT MIN(o.id) AS id
FROM events e
JOIN (SELECT CAST(:ordered AS INTEGER) AS ordered) d ON TRUE
JOIN {given_target} l ON TRUE
JOIN events o ON o.lead = :lead AND o.id <> e.id AND o.state = :ACCEPTED
JOIN deliveries n ON n.event_id = o.id AND n.lead = o.lead
JOIN lanes m ON m.id = n.lane_id
JOIN apis a ON a.id = m.api_id
JOIN accounts c ON c.id = n.account_id AND c.name = :account
WHERE e.id = :event_id AND {came_after} AND {overtakes}
HAVING MIN(o.id) IS NOT NULL

-- name: last_to_target
-- What was the last to be sent of a lead to a list, tag or journey, or goes next.
SELECT n.event_id, n.replay, n.state
FROM events o
JOIN deliveries n ON n.event_id = o.id AND n.lead = o.lead
JOIN {given_target} l ON TRUE
JOIN lanes m ON m.id = n.lane_id
JOIN accounts c ON c.id = n.account_id AND c.name = :account
WHERE o.lead = :lead AND n.state <> :DEAD AND {same_target}
ORDER BY n.id DESC
LIMIT 1

-- name: newer_values_in_call
-- What newer events have sent of the leads in a call with other lists: fields belong to the person, not to a list.
SELECT d.id, p.body
FROM deliveries d
JOIN events e ON e.id = d.event_id
JOIN events o ON o.lead = d.lead AND o.id <> e.id AND o.state = :ACCEPTED
JOIN deliveries n ON n.event_id = o.id AND n.lead = d.lead AND n.account_id = d.account_id
JOIN payloads p ON p.delivery_id = n.id
WHERE d.call_id = :call_id AND d.state = :CLAIMED AND d.ordered = :LIST AND (d.replay > 0 OR e.sent_at IS NOT NULL)
    AND n.state = :DELIVERED AND n.ordered = :LIST AND n.lane_id <> d.lane_id AND {came_after}
ORDER BY n.ended_at, n.id

-- name: payload
SELECT body FROM payloads WHERE delivery_id = :delivery_id

-- name: set_payload
UPDATE payloads SET body = :body WHERE delivery_id = :delivery_id

-- name: stuck_withdrawals
SELECT a.name AS api, CASE d.state WHEN :DEAD THEN d.reason ELSE '' END AS refused,
    COUNT(*) AS total, MIN(d.received_at) AS since
FROM deliveries d JOIN lanes l ON l.id = d.lane_id JOIN apis a ON a.id = l.api_id
WHERE d.ordered = :WITHDRAWAL AND d.state <> :DELIVERED AND (
    (d.state IN (:PENDING, :CLAIMED, :BLOCKED) AND d.received_at < :before)
    OR (d.state = :DEAD AND d.reason NOT IN ('cancelled', 'overtaken', 'withdrawn'))
)
GROUP BY 1, 2

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
