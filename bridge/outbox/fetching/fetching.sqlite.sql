-- name: due_fetches
-- SQLite has one writer at a time.
SELECT e.id, e.item, e.received_at, e.fetch_tries, f.content
FROM events e
JOIN hooks h ON h.id = e.hook_id
LEFT JOIN fetched f ON f.event_id = e.id
WHERE h.name = :hook AND e.state = :FETCHING AND e.fetch_at <= :now
ORDER BY e.fetch_at, e.id
LIMIT :limit
