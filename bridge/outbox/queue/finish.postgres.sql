-- name: apply_transition
UPDATE deliveries d
SET
    state = g.state, priority = g.priority, available_at = g.available_at, attempts = d.attempts + g.attempts,
    ignored_count = d.ignored_count + g.ignored, outages = d.outages + g.outages, cohort = g.cohort, reason = g.reason,
    code = g.code, ended_at = g.ended_at, call_id = NULL, lease_until = NULL
FROM unnest(
    :delivery_id::bigint[], :state::smallint[], :priority::smallint[], :available_at::bigint[],
    :attempts::smallint[], :ignored::smallint[], :outages::smallint[], :cohort::bigint[], :reason::text[], :code::text[],
    :ended_at::bigint[]
) AS g (id, state, priority, available_at, attempts, ignored, outages, cohort, reason, code, ended_at)
WHERE d.id = g.id AND d.call_id = :call_id AND d.state = :CLAIMED

-- name: add_attempt
INSERT INTO attempts (delivery_id, call_id, outcome, result, code, message)
SELECT g.id, :call_id, g.outcome, g.result, g.code, g.message
FROM unnest(:delivery_id::bigint[], :outcome::text[], :result::text[], :code::text[], :message::text[])
    AS g (id, outcome, result, code, message)
ON CONFLICT (delivery_id, call_id) DO NOTHING
