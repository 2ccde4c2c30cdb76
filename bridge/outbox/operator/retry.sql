-- name: retryable
SELECT d.id, d.waits_for, d.reason, p.state AS prerequisite_state, a.name AS api
FROM deliveries d
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
LEFT JOIN deliveries p ON p.id = d.waits_for
WHERE d.id = :delivery_id AND d.state = :DEAD AND d.reason <> 'withdrawn'

-- name: dead_waiting_for
SELECT d.id
FROM deliveries d
WHERE
    d.event_id = (SELECT w.event_id FROM deliveries w WHERE w.id = :waits_for)
    AND d.waits_for = :waits_for AND d.state = :DEAD AND d.reason = 'prerequisite'
ORDER BY d.id

-- name: retry
UPDATE deliveries
SET
    state = :state, reason = NULL, ended_at = NULL, code = NULL, cohort = NULL, available_at = :now, first_try_at = NULL,
    ignored_count = 0, outages = 0
WHERE id = :delivery_id AND state = :DEAD
