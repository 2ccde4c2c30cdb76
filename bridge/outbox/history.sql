-- name: note_totals
INSERT INTO totals_by_hour (hour, name, labels, value, seen_at)
SELECT :hour, c.name, c.labels, SUM(c.value), :now
FROM counters c
WHERE c.name IN ('events', 'deliveries')
GROUP BY c.name, c.labels
ON CONFLICT (name, labels, hour) DO NOTHING

-- name: noted_hour
SELECT hour FROM totals_by_hour WHERE hour = :hour LIMIT 1

-- name: totals_by_hour
SELECT hour, labels, value, seen_at FROM totals_by_hour WHERE name = :name AND hour >= :since ORDER BY labels, hour

-- name: drop_totals
DELETE FROM totals_by_hour WHERE hour < :before
