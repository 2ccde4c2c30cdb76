-- name: hook_id
SELECT id FROM hooks WHERE name = :name

-- name: live_hook
SELECT id FROM hooks WHERE name = :name AND unregistered_at IS NULL

-- name: unregistered_hook
SELECT id FROM hooks WHERE name = :name AND unregistered_at IS NOT NULL

-- name: add_hook
INSERT INTO hooks (name) VALUES (:name) ON CONFLICT (name) DO NOTHING

-- name: bring_back
UPDATE hooks SET unregistered_at = NULL WHERE name = :name AND unregistered_at IS NOT NULL

-- name: unregister
UPDATE hooks SET unregistered_at = :now WHERE name = :name AND unregistered_at IS NULL RETURNING id

-- name: registered_hooks
SELECT name, status, problem, fix, since FROM hooks WHERE unregistered_at IS NULL ORDER BY name

-- name: hook_names
SELECT name FROM hooks ORDER BY name

-- name: set_hook_status
UPDATE hooks SET status = :status, problem = :problem, fix = :fix, since = :since WHERE name = :name

-- name: last_events
-- One look at the end of the index (hook_id, state, id) for each hook and state; compared as rows, as in search.sql.
SELECT name, MAX(received_at) AS last_event_at
FROM (
    SELECT
        h.name,
        (
            SELECT e.received_at FROM events e
            WHERE (e.hook_id, e.state, e.id) > (h.id, s.state, 0) AND (e.hook_id, e.state, e.id) < (h.id, s.state + 1, 0)
            ORDER BY e.hook_id DESC, e.state DESC, e.id DESC
            LIMIT 1
        ) AS received_at
    FROM hooks h
    CROSS JOIN (
        SELECT :ACCEPTED AS state UNION ALL SELECT :IGNORED UNION ALL SELECT :REFUSED UNION ALL SELECT :FETCHING
    ) s
) newest
GROUP BY name
ORDER BY name
