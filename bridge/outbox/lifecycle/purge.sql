-- name: requests_from
-- The end of the next step: its last id, and whether all of it is old.
SELECT MAX(id) AS last_id, MAX(received_at) AS youngest_at
FROM (SELECT id, received_at FROM requests WHERE id > :after ORDER BY id LIMIT :limit) step

-- name: purgeable_bodies
-- What nobody needs any more: no delivery is open or died without a person's word, no event was refused.
SELECT r.id
FROM requests r
WHERE r.id > :after AND r.id <= :last_id AND r.received_at < :before AND r.body IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM events e WHERE e.request_id = r.id AND e.state IN (:REFUSED, :FETCHING)
    )
    AND NOT EXISTS (
        SELECT 1 FROM events e JOIN deliveries d ON d.event_id = e.id
        WHERE e.request_id = r.id
            AND (d.state IN (:PENDING, :CLAIMED, :BLOCKED) OR (d.state = :DEAD AND d.reason NOT IN ('cancelled', 'withdrawn', 'overtaken')))
    )
ORDER BY r.id

-- name: purgeable_requests
SELECT r.id
FROM requests r
WHERE r.id > :after AND r.id <= :last_id AND r.received_at < :before
    AND NOT EXISTS (
        SELECT 1 FROM events e JOIN deliveries d ON d.event_id = e.id
        WHERE e.request_id = r.id
            AND (d.state IN (:PENDING, :CLAIMED, :BLOCKED) OR (d.state = :DEAD AND d.reason NOT IN ('cancelled', 'withdrawn', 'overtaken')))
    )
ORDER BY r.id

-- name: calls_from
SELECT MAX(id) AS last_id, MAX(started_at) AS youngest_at
FROM (SELECT id, started_at FROM calls WHERE id > :after ORDER BY id LIMIT :limit) step

-- name: purge_calls
DELETE FROM calls
WHERE id > :after AND id <= :last_id AND started_at < :before AND counts_until < :before
    AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.call_id = calls.id)
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.call_id = calls.id AND d.state = :CLAIMED)

-- name: purgeable_job
SELECT id FROM jobs
WHERE act <> 'backup' AND COALESCE(ended_at, CASE WHEN total IS NULL THEN started_at END) < :before
ORDER BY id
LIMIT 1

-- name: purge_job_items
DELETE FROM job_items
WHERE job_id = :job_id AND item_id IN (SELECT item_id FROM job_items WHERE job_id = :job_id ORDER BY item_id LIMIT :limit)

-- name: purge_job
DELETE FROM jobs WHERE id = :job_id

-- name: purge_audit
DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT :limit) AND at < :before

-- name: purge_rejections
DELETE FROM rejections WHERE minute < :minute

-- name: purge_drifts
DELETE FROM drifts WHERE last_at < :before

-- name: purge_body
UPDATE requests SET body = NULL, meta = NULL WHERE id = EACH(:request_id)

-- name: purge_notes
UPDATE events SET notes = NULL WHERE request_id = EACH(:request_id)

-- name: purge_fetched
DELETE FROM fetched WHERE event_id IN (SELECT id FROM events WHERE request_id = EACH(:request_id))

-- name: purge_payloads
DELETE FROM payloads
WHERE delivery_id IN (
    SELECT d.id FROM events e JOIN deliveries d ON d.event_id = e.id WHERE e.request_id = EACH(:request_id)
)

-- name: purge_attempts
DELETE FROM attempts
WHERE delivery_id IN (
    SELECT d.id FROM events e JOIN deliveries d ON d.event_id = e.id WHERE e.request_id = EACH(:request_id)
)

-- name: purge_deliveries
DELETE FROM deliveries WHERE event_id IN (SELECT id FROM events WHERE request_id = EACH(:request_id))

-- name: purge_events
DELETE FROM events WHERE request_id = EACH(:request_id)

-- name: purge_request
DELETE FROM requests WHERE id = EACH(:request_id)
