-- name: apply_transition
UPDATE deliveries
SET
    state = :state, priority = :priority, available_at = :available_at, attempts = attempts + :attempts,
    ignored_count = ignored_count + :ignored, outages = outages + :outages, cohort = :cohort, reason = :reason, code = :code,
    ended_at = :ended_at, call_id = NULL, lease_until = NULL
WHERE id = :delivery_id AND call_id = :call_id AND state = :CLAIMED

-- name: add_attempt
INSERT INTO attempts (delivery_id, call_id, outcome, result, code, message)
VALUES (:delivery_id, :call_id, :outcome, :result, :code, :message)
ON CONFLICT (delivery_id, call_id) DO NOTHING
