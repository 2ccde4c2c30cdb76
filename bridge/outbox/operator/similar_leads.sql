-- name: leads_from
SELECT DISTINCT lead FROM events WHERE lead >= :low ORDER BY lead LIMIT :limit
