-- name: note_totals
INSERT INTO totals_by_hour (hour, name, labels, value, seen_at)
SELECT :hour, c.name, c.labels, SUM(c.value), :now
FROM counters c
WHERE c.name IN ('events', 'deliveries')
GROUP BY c.name, c.labels
ON CONFLICT (name, labels, hour) DO NOTHING

-- name: note_look
-- That there was a look, also where there was nothing to note yet.
INSERT INTO totals_by_hour (hour, name, labels, value, seen_at) VALUES (:hour, 'looks', '{}', 0, :now)
ON CONFLICT (name, labels, hour) DO NOTHING

-- name: noted_hour
SELECT hour FROM totals_by_hour WHERE name = 'looks' AND labels = '{}' AND hour = :hour

-- name: totals_by_hour
SELECT hour, labels, value, seen_at FROM totals_by_hour WHERE name = :name AND hour >= :since ORDER BY labels, hour

-- name: drop_totals
DELETE FROM totals_by_hour WHERE hour < :before
