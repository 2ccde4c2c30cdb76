-- name: expired
-- Skips what a late `finish` or another deliverer is just moving.
SELECT d.id, d.call_id, d.on_doubt, a.name AS api
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
WHERE d.state = :CLAIMED AND d.lease_until <= :now
ORDER BY d.id
LIMIT :batch
FOR NO KEY UPDATE OF d SKIP LOCKED
