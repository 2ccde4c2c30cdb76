-- fragment: pending_lanes
-- Found by jumping from one lane to the next in the index.
pending_lanes (id) AS (
    SELECT (SELECT lane_id FROM deliveries WHERE state = :PENDING ORDER BY lane_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT d.lane_id FROM deliveries d WHERE d.state = :PENDING AND d.lane_id > p.id ORDER BY d.lane_id LIMIT 1
    )
    FROM pending_lanes p
    WHERE p.id IS NOT NULL
)

-- fragment: due_in_lane
(
    SELECT available_at, lead, ordered, account_id, id
    FROM deliveries
    WHERE lane_id = l.id AND priority = c.priority AND state = :PENDING AND available_at <= :now
    ORDER BY available_at, id
    LIMIT :front
) d
WHERE {first_of_its_lead}

-- name: open_lanes
-- Each figure is one short range of the index. `ready` counts those too that must wait for an earlier one of their lead.
WITH RECURSIVE {pending_lanes}
SELECT
    l.id AS lane_id, {target}, l.held_reason, l.held_since, l.probe_at, c.priority,
    (
        SELECT COUNT(*)
        FROM (
            SELECT 1
            FROM {due_in_lane}
            LIMIT :cap
        ) capped
    ) AS due,
    (
        SELECT d.available_at
        FROM {due_in_lane}
        LIMIT 1
    ) AS oldest_at,
    (
        SELECT COUNT(*)
        FROM (
            SELECT 1
            FROM deliveries d
            WHERE d.lane_id = l.id AND d.priority = c.priority AND d.state = :PENDING AND d.available_at <= :now
            ORDER BY d.available_at
            LIMIT :many
        ) capped
    ) AS ready,
    (
        SELECT d.available_at
        FROM deliveries d
        WHERE d.lane_id = l.id AND d.priority = c.priority AND d.state = :PENDING AND d.available_at > :now
        ORDER BY d.available_at
        LIMIT 1
    ) AS next_at
FROM pending_lanes p
JOIN lanes l ON l.id = p.id
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id
CROSS JOIN (SELECT :LIVE AS priority UNION ALL SELECT :WAITING UNION ALL SELECT :BULK) c
WHERE n.name = :account AND a.name = :api
ORDER BY l.id, c.priority

-- name: pending_apis
WITH RECURSIVE {pending_lanes}
SELECT n.name AS account, a.name AS api
FROM pending_lanes p
JOIN lanes l ON l.id = p.id
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id

-- name: next_due
WITH RECURSIVE {pending_lanes}
SELECT MIN(due_at) AS due_at
FROM (
    SELECT
        CASE
            WHEN l.held_since IS NULL OR h.due_at > l.probe_at THEN h.due_at
            ELSE l.probe_at
        END AS due_at
    FROM (
        SELECT
            p.id,
            (
                SELECT d.available_at FROM deliveries d
                WHERE d.lane_id = p.id AND d.priority = c.priority AND d.state = :PENDING
                ORDER BY d.available_at
                LIMIT 1
            ) AS due_at
        FROM pending_lanes p
        CROSS JOIN (SELECT :LIVE AS priority UNION ALL SELECT :WAITING UNION ALL SELECT :BULK) c
        WHERE p.id IS NOT NULL
    ) h
    JOIN lanes l ON l.id = h.id
    JOIN apis a ON a.id = l.api_id
    JOIN accounts n ON n.id = a.account_id
    WHERE n.name = :account AND h.due_at IS NOT NULL
    UNION ALL
    SELECT (SELECT lease_until FROM deliveries WHERE state = :CLAIMED ORDER BY lease_until LIMIT 1)
) times

-- name: release_lane
UPDATE lanes SET held_reason = NULL, held_since = NULL, probe_at = NULL
WHERE id = :lane_id AND held_since IS NOT NULL

-- name: probe_api
-- A lock is Zoho's own: no probe is due before it ends.
UPDATE apis SET breaker_until = :now
WHERE
    id = :api_id AND breaker_failures > 0 AND breaker_until > :now AND (locked_until IS NULL OR locked_until <= :now)
