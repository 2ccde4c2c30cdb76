-- fragment: ids
SELECT value FROM json_each(:ids)

-- name: event_ids_of_hook
SELECT id FROM events
WHERE hook_id = :hook_id AND state = :state AND id > :after AND id <= :up_to
ORDER BY id DESC
LIMIT :limit
