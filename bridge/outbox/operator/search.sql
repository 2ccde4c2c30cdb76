-- fragment: target_names
l.list_name, l.list_key, l.journey_name, l.journey_key, l.tag

-- name: id_at
-- The first event with an id from :id on; ids and times of receipt grow together.
SELECT id, received_at FROM events WHERE id >= :id ORDER BY id LIMIT 1

-- name: last_event_id
SELECT MAX(id) AS id FROM events

-- name: selected
-- Of some events at a time, so that no reading lasts long however few fit.
SELECT
    e.id AS event_id, e.received_at, h.name AS hook, e.kind, e.state AS event_state, e.reason AS event_reason, e.lead,
    d.id AS delivery_id, d.replay, d.state, d.priority, d.reason, d.code, d.available_at, d.ended_at, d.lane_id,
    {target}
FROM events e
JOIN hooks h ON h.id = e.hook_id
LEFT JOIN deliveries d ON d.event_id = e.id
LEFT JOIN lanes l ON l.id = d.lane_id
LEFT JOIN apis a ON a.id = l.api_id
LEFT JOIN accounts n ON n.id = a.account_id
WHERE e.id IN ({ids})
    AND (CAST(:since AS BIGINT) IS NULL OR e.received_at >= :since)
    AND (CAST(:until AS BIGINT) IS NULL OR e.received_at < :until)
    AND (CAST(:delivery_id AS BIGINT) IS NULL OR d.id = :delivery_id)
    AND (CAST(:lead AS TEXT) IS NULL OR e.lead = :lead)
    AND (CAST(:hook AS TEXT) IS NULL OR h.name = :hook)
    AND (CAST(:kind AS TEXT) IS NULL OR e.kind = :kind)
    AND (CAST(:event_state AS BIGINT) IS NULL OR e.state = :event_state)
    AND (CAST(:delivery_state AS BIGINT) IS NULL OR d.state = :delivery_state)
    AND (CAST(:reason AS TEXT) IS NULL OR d.reason = :reason OR d.code = :reason OR (e.reason = :reason AND d.id IS NULL))
    AND (CAST(:lane_id AS BIGINT) IS NULL OR d.lane_id = :lane_id)
    AND (CAST(:target AS TEXT) IS NULL OR :target IN ({target_names}))
    AND (CAST(:api AS TEXT) IS NULL OR a.name = :api)
    AND (CAST(:priority AS BIGINT) IS NULL OR (d.priority = :priority AND d.state IN (:PENDING, :CLAIMED, :BLOCKED)))
ORDER BY e.id DESC, d.id DESC

-- name: event_ids
SELECT id FROM events WHERE id > :after AND id <= :up_to ORDER BY id DESC LIMIT :limit

-- name: event_ids_of_lead
SELECT id FROM events WHERE lead = :lead AND id > :after AND id <= :up_to ORDER BY id DESC LIMIT :limit

-- name: event_ids_open
-- Compared as rows, here and below, so that PostgreSQL takes the index of both: in the order of the ids alone it would
-- look through all the events for a lane that has hardly any.
SELECT DISTINCT lane_id, event_id AS id FROM deliveries
WHERE state IN (:PENDING, :CLAIMED, :BLOCKED)
    AND (lane_id, event_id) > (:lane_id, :after) AND (lane_id, event_id) <= (:lane_id, :up_to)
ORDER BY lane_id DESC, event_id DESC
LIMIT :limit

-- name: event_ids_blocked
SELECT DISTINCT lane_id, event_id AS id FROM deliveries
WHERE state = :BLOCKED
    AND (lane_id, event_id) > (:lane_id, :after) AND (lane_id, event_id) <= (:lane_id, :up_to)
ORDER BY lane_id DESC, event_id DESC
LIMIT :limit

-- name: event_ids_dead
SELECT DISTINCT lane_id, event_id AS id FROM deliveries
WHERE state = :DEAD
    AND (lane_id, event_id) > (:lane_id, :after) AND (lane_id, event_id) <= (:lane_id, :up_to)
ORDER BY lane_id DESC, event_id DESC
LIMIT :limit

-- name: event_ids_delivered
SELECT DISTINCT lane_id, event_id AS id FROM deliveries
WHERE state = :DELIVERED
    AND (lane_id, event_id) > (:lane_id, :after) AND (lane_id, event_id) <= (:lane_id, :up_to)
ORDER BY lane_id DESC, event_id DESC
LIMIT :limit

-- name: event_ids_claimed
-- The claimed are few: the sign keeps SQLite from the index of all deliveries by event.
SELECT DISTINCT +event_id AS id FROM deliveries
WHERE state = :CLAIMED AND +event_id > :after AND +event_id <= :up_to
ORDER BY 1 DESC
LIMIT :limit

-- name: hook_ids
SELECT id FROM hooks WHERE CAST(:hook AS TEXT) IS NULL OR name = :hook ORDER BY id

-- name: lane_ids
SELECT l.id
FROM lanes l
JOIN apis a ON a.id = l.api_id
WHERE (CAST(:lane_id AS BIGINT) IS NULL OR l.id = :lane_id)
    AND (CAST(:target AS TEXT) IS NULL OR :target IN ({target_names}))
    AND (CAST(:api AS TEXT) IS NULL OR a.name = :api)
ORDER BY l.id

-- name: event_of_delivery
SELECT event_id FROM deliveries WHERE id = :delivery_id
