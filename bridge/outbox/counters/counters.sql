-- name: add_to_counter
INSERT INTO counters (name, labels, shard, value) VALUES (:name, :labels, :shard, :count)
ON CONFLICT (name, labels, shard) DO UPDATE SET value = counters.value + excluded.value

-- name: totals
SELECT name, labels, SUM(value) AS total FROM counters GROUP BY name, labels ORDER BY name, labels
