-- name: claim_state
SELECT
    l.api_id, n.name AS account, a.name AS api, l.list_name, l.list_key, l.journey_name, l.journey_key, l.trigger_key,
    l.sources, l.topics, l.held_since, l.probe_at
FROM lanes l
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id
WHERE l.id = :lane_id

-- name: due
-- Each class is one range of the index, so a long grid of waiting leads does not stand before the bulk.
SELECT * FROM (
    SELECT d.id, d.class, d.available_at, d.lead, d.cohort
    FROM deliveries d
    WHERE d.lane_id = :lane_id AND d.class = :LIVE AND d.state = :PENDING AND d.available_at <= :now
        AND (
            d.ordered = 0 OR NOT EXISTS (
                SELECT 1 FROM deliveries e
                WHERE e.account_id = d.account_id AND e.lead = d.lead
                    AND e.state IN (:PENDING, :CLAIMED, :BLOCKED) AND e.ordered = 1
                    AND (e.id < d.id OR e.state = :CLAIMED)
            )
        )
    ORDER BY d.available_at, d.id
    LIMIT :batch
) live
UNION ALL
SELECT * FROM (
    SELECT d.id, d.class, d.available_at, d.lead, d.cohort
    FROM deliveries d
    WHERE d.lane_id = :lane_id AND d.class = :WAITING AND d.state = :PENDING AND d.available_at <= :now
        AND (
            d.ordered = 0 OR NOT EXISTS (
                SELECT 1 FROM deliveries e
                WHERE e.account_id = d.account_id AND e.lead = d.lead
                    AND e.state IN (:PENDING, :CLAIMED, :BLOCKED) AND e.ordered = 1
                    AND (e.id < d.id OR e.state = :CLAIMED)
            )
        )
    ORDER BY d.available_at, d.id
    LIMIT :batch
) waiting
UNION ALL
SELECT * FROM (
    SELECT d.id, d.class, d.available_at, d.lead, d.cohort
    FROM deliveries d
    WHERE d.lane_id = :lane_id AND d.class = :BULK AND d.state = :PENDING AND d.available_at <= :now
        AND (
            d.ordered = 0 OR NOT EXISTS (
                SELECT 1 FROM deliveries e
                WHERE e.account_id = d.account_id AND e.lead = d.lead
                    AND e.state IN (:PENDING, :CLAIMED, :BLOCKED) AND e.ordered = 1
                    AND (e.id < d.id OR e.state = :CLAIMED)
            )
        )
    ORDER BY d.available_at, d.id
    LIMIT :batch
) bulk

-- name: due_of_cohort
SELECT d.id, d.class, d.available_at, d.lead, d.cohort
FROM deliveries d
WHERE d.cohort = :cohort AND d.state = :PENDING AND d.lane_id = :lane_id AND d.available_at <= :now
    AND (
        d.ordered = 0 OR NOT EXISTS (
            SELECT 1 FROM deliveries e
            WHERE e.account_id = d.account_id AND e.lead = d.lead
                AND e.state IN (:PENDING, :CLAIMED, :BLOCKED) AND e.ordered = 1
                AND (e.id < d.id OR e.state = :CLAIMED)
        )
    )
ORDER BY d.id
LIMIT :batch

-- name: take
UPDATE deliveries
SET
    state = :CLAIMED, call_id = :call_id, lease_until = :lease_until,
    first_try_at = COALESCE(first_try_at, :now)
WHERE id = :delivery_id AND state = :PENDING

-- name: taken
SELECT
    d.id, d.event_id, d.lead, p.body, d.class, d.on_doubt, d.attempts, d.ignored_count, d.cohort, d.received_at,
    d.first_try_at
FROM deliveries d
JOIN payloads p ON p.delivery_id = d.id
WHERE d.call_id = :call_id AND d.state = :CLAIMED

-- name: next_lane_probe
UPDATE lanes SET probe_at = :probe_at WHERE id = :lane_id
