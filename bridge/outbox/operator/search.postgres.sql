-- fragment: ids
SELECT unnest(CAST(:ids AS BIGINT[]))

-- name: event_ids_of_hook
-- Compared as rows, so that the index of all three is taken: in the order of the ids alone, PostgreSQL would look through
-- all the events for a hook that has hardly any. SQLite takes the index anyway, but would leave the ids out of a row.
SELECT id FROM events
WHERE (hook_id, state, id) > (:hook_id, :state, :after) AND (hook_id, state, id) <= (:hook_id, :state, :up_to)
ORDER BY hook_id DESC, state DESC, id DESC
LIMIT :limit
