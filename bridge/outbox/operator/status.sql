-- name: status_apis
SELECT
    a.id, n.name AS account, a.name AS api, a.locked_until, a.breaker_until, a.breaker_failures, a.learned_budget,
    a.parameters_in
FROM apis a
JOIN accounts n ON n.id = a.account_id
ORDER BY n.name, a.name

-- name: status_window
-- The calls that count: of each API never more than its budget.
SELECT c.api_id, c.counts_until FROM apis a CROSS JOIN calls c WHERE c.api_id = a.id AND c.counts_until > :now

-- name: status_lanes
-- Each figure is the start of one index; the claimed are few, so their index is read whole. Counts are ordered, and lanes
-- compared as rows, so that PostgreSQL does not look through the whole table for what a lane lacks.
WITH RECURSIVE open_lanes (id) AS (
    SELECT (
        SELECT lane_id FROM deliveries
        WHERE state IN (:PENDING, :CLAIMED, :BLOCKED)
        ORDER BY lane_id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT d.lane_id FROM deliveries d
        WHERE d.state IN (:PENDING, :CLAIMED, :BLOCKED) AND d.lane_id > o.id
        ORDER BY d.lane_id LIMIT 1
    )
    FROM open_lanes o
    WHERE o.id IS NOT NULL
)
SELECT
    l.id AS lane_id, l.api_id, {target}, l.held_reason, l.held_since, l.probe_at,
    (
        SELECT COUNT(*) FROM (
            SELECT 1 FROM deliveries d
            WHERE d.lane_id = l.id AND d.priority = :LIVE AND d.state = :PENDING
            ORDER BY d.available_at LIMIT :cap
        ) capped
    ) AS live,
    (
        SELECT COUNT(*) FROM (
            SELECT 1 FROM deliveries d
            WHERE d.lane_id = l.id AND d.priority = :WAITING AND d.state = :PENDING
            ORDER BY d.available_at LIMIT :cap
        ) capped
    ) AS waiting,
    (
        SELECT COUNT(*) FROM (
            SELECT 1 FROM deliveries d
            WHERE d.lane_id = l.id AND d.priority = :BULK AND d.state = :PENDING
            ORDER BY d.available_at LIMIT :cap
        ) capped
    ) AS bulk,
    (
        SELECT COUNT(*) FROM (
            SELECT 1 FROM deliveries d WHERE d.lane_id = l.id AND d.state = :CLAIMED LIMIT :cap
        ) capped
    ) AS claimed,
    (
        SELECT COUNT(*) FROM (
            SELECT 1 FROM deliveries d
            WHERE d.state = :BLOCKED AND (d.lane_id, d.event_id) > (l.id, 0) AND (d.lane_id, d.event_id) < (l.id + 1, 0)
            ORDER BY d.lane_id, d.event_id LIMIT :cap
        ) capped
    ) AS blocked,
    (
        SELECT d.received_at FROM deliveries d
        WHERE d.state IN (:PENDING, :CLAIMED, :BLOCKED)
            AND (d.lane_id, d.event_id) > (l.id, 0) AND (d.lane_id, d.event_id) < (l.id + 1, 0)
        ORDER BY d.lane_id, d.event_id LIMIT 1
    ) AS oldest_at,
    (
        SELECT d.available_at FROM deliveries d
        WHERE d.lane_id = l.id AND d.priority = :LIVE AND d.state = :PENDING
        ORDER BY d.available_at LIMIT 1
    ) AS live_since,
    (
        SELECT d.available_at FROM deliveries d
        WHERE d.lane_id = l.id AND d.priority = :LIVE AND d.state = :PENDING
        ORDER BY d.available_at DESC LIMIT 1
    ) AS live_due_by,
    (
        SELECT d.available_at FROM deliveries d
        WHERE d.lane_id = l.id AND d.priority = :BULK AND d.state = :PENDING
        ORDER BY d.available_at DESC LIMIT 1
    ) AS bulk_due_by
FROM (
    SELECT id FROM open_lanes WHERE id IS NOT NULL
    UNION
    SELECT id FROM lanes WHERE held_since IS NOT NULL
) o
JOIN lanes l ON l.id = o.id
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id
ORDER BY l.api_id, l.id

-- name: status_recent_events
-- From the newest back, so many at most: their ids are in the order of their receipt, but for those of the same moment.
SELECT h.name AS hook, n.state, COUNT(*) AS events, MIN(n.received_at) AS oldest_at
FROM (SELECT hook_id, state, received_at FROM events ORDER BY id DESC LIMIT :cap) n
JOIN hooks h ON h.id = n.hook_id
WHERE n.received_at > :since
GROUP BY h.name, n.state
