-- name: claim_state
SELECT
    l.api_id, {target}, l.held_since, l.probe_at
FROM lanes l
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id
WHERE l.id = :lane_id

-- name: due
-- One range of the index. Only its front is read: those in it that must wait for others are deferred before they
-- fill it (see `followers`).
SELECT *
FROM (
    SELECT id, priority, available_at, lead, cohort, ordered, account_id
    FROM deliveries
    WHERE lane_id = :lane_id AND priority = :priority AND state = :PENDING AND available_at <= :now
    ORDER BY available_at, id
    LIMIT :front
) d
WHERE {first_of_its_lead}
LIMIT :batch

-- name: due_of_cohort
SELECT d.id, d.priority, d.available_at, d.lead, d.cohort, d.ordered, d.account_id
FROM deliveries d
WHERE d.cohort = :cohort AND d.state = :PENDING AND d.lane_id = :lane_id AND d.available_at <= :now
    AND {first_of_its_lead}
ORDER BY d.id
LIMIT :batch

-- name: taken
SELECT
    d.id, d.event_id, d.lead, p.body, d.priority, d.on_doubt, d.attempts, d.ignored_count, d.cohort, d.received_at,
    d.first_try_at, d.outages, d.ordered
FROM deliveries d
JOIN payloads p ON p.delivery_id = d.id
WHERE d.call_id = :call_id AND d.state = :CLAIMED

-- name: request_metas
SELECT DISTINCT r.id, r.meta FROM deliveries d
JOIN events e ON e.id = d.event_id
JOIN requests r ON r.id = e.request_id
WHERE d.call_id = :call_id AND d.state = :CLAIMED AND r.meta IS NOT NULL

-- name: give_back
-- What did not fit into the call.
UPDATE deliveries
SET
    state = :PENDING, call_id = NULL, lease_until = NULL,
    first_try_at = CASE WHEN first_try_at = :now THEN NULL ELSE first_try_at END
WHERE id = :delivery_id AND call_id = :call_id AND state = :CLAIMED

-- name: set_leads
UPDATE calls SET leads = :leads, live_leads = :live_leads WHERE id = :call_id

-- name: cohorts_in_flight
SELECT cohort FROM calls
WHERE lane_id = :lane_id AND started_at > :since AND cohort IS NOT NULL AND ended_at IS NULL AND deadline > :now

-- name: neighbours
-- What the same lead has coming next, in the order in which it must go.
SELECT id, lane_id, state, available_at, first_try_at, cohort, on_doubt, ordered FROM deliveries
WHERE account_id = :account_id AND lead = :lead AND state IN (:PENDING, :CLAIMED, :BLOCKED)
    AND ordered > 0 AND ordered < :TAG AND id >= :id
ORDER BY id
LIMIT :limit

-- name: twin_code
-- With which code the other half of a poisoned call was refused, unless a lead of the lane has got through since.
SELECT c.code FROM calls c
WHERE c.cohort = :twin AND c.lane_id = :lane_id AND c.http_status IS NOT NULL
    AND (
        c.effect IN ('split', 'hold')
        -- No EXISTS: under an OR PostgreSQL may answer that by hashing all attempts.
        OR (SELECT t.call_id FROM attempts t WHERE t.call_id = c.id AND t.outcome = 'refused' LIMIT 1) = c.id
    )
    AND NOT EXISTS (
        SELECT 1 FROM calls s JOIN attempts t ON t.call_id = s.id
        WHERE s.lane_id = c.lane_id AND s.started_at >= c.started_at AND s.id > c.id
            AND t.outcome IN ('delivered', 'ignored')
    )
ORDER BY c.id DESC
LIMIT 1

-- name: hold_code
-- For which code a held lane was stopped last.
SELECT code FROM calls WHERE lane_id = :lane_id AND started_at >= :since AND effect = 'hold'
ORDER BY started_at DESC
LIMIT 1

-- name: unchanged
-- The delivery, if it says what Zoho accepted from the same lead last. A replay is sent all the same: a person wants it,
-- perhaps because Zoho has lost what it accepted.
SELECT
    d.id, d.event_id, d.lead, p.body, d.priority, d.on_doubt, d.attempts, d.ignored_count, d.cohort, d.received_at,
    COALESCE(d.first_try_at, :now) AS first_try_at, d.outages, d.ordered, x.name AS api
FROM deliveries d
JOIN payloads p ON p.delivery_id = d.id
JOIN lanes l ON l.id = d.lane_id
JOIN apis x ON x.id = l.api_id
WHERE d.id = :delivery_id AND d.ordered IN (:LIST, :LEAVE) AND d.replay = 0 AND EXISTS (
    SELECT 1 FROM deliveries a JOIN payloads q ON q.delivery_id = a.id
    WHERE a.id = (
        SELECT b.id FROM deliveries b
        WHERE b.account_id = d.account_id AND b.lead = d.lead AND b.state = :DELIVERED AND b.ordered > 0
            AND b.ordered < :TAG AND b.ended_at > :since AND b.code <> 'unchanged'
        ORDER BY b.ended_at DESC, b.id DESC
        LIMIT 1
    ) AND a.lane_id = d.lane_id AND q.body = p.body
)

-- name: settle_unchanged
UPDATE deliveries SET state = :DELIVERED, code = 'unchanged', ended_at = :now
WHERE id = :delivery_id AND state = :PENDING

-- name: next_lane_probe
UPDATE lanes SET probe_at = :probe_at WHERE id = :lane_id
