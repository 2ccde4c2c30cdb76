-- name: expired
SELECT d.id, d.call_id, d.on_doubt, a.name AS api
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
WHERE d.state = :CLAIMED AND d.lease_until <= :now
ORDER BY d.id
LIMIT :batch
