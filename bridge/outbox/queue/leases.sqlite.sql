-- name: expired
-- By the index of leases: to be spared sorting, SQLite would else read all deliveries in the order of their ids.
SELECT d.id, d.call_id, d.on_doubt, a.name AS api
FROM deliveries d INDEXED BY deliveries_lease
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
WHERE d.state = :CLAIMED AND d.lease_until <= :now
ORDER BY d.id
LIMIT :batch
