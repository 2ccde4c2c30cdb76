-- name: add_rejections
INSERT INTO rejections (hook, why, minute, count, last_at) VALUES (:hook, :why, :minute, :count, :last_at)
ON CONFLICT (hook, why, minute) DO UPDATE
SET
    count = rejections.count + excluded.count,
    last_at = CASE WHEN excluded.last_at > rejections.last_at THEN excluded.last_at ELSE rejections.last_at END

-- name: rejections
-- Read by the minute: a storm costs one row a minute, hook and reason.
SELECT hook, why, SUM(count) AS total, MAX(last_at) AS last_at
FROM rejections
WHERE minute >= :minute AND last_at > :since AND (CAST(:hook AS TEXT) IS NULL OR hook = :hook)
GROUP BY hook, why
ORDER BY hook, why

-- name: rejections_by_hour
SELECT hook, minute / 60 AS hour, SUM(count) AS total
FROM rejections
WHERE minute >= :minute
GROUP BY hook, minute / 60
