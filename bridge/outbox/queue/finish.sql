-- name: call_to_finish
SELECT c.id, c.api_id, c.lane_id, a.name AS api FROM calls c JOIN apis a ON a.id = c.api_id WHERE c.id = :call_id

-- name: close_call
-- Only ever lowered: a call that ends after its deadline counts no longer than it would have.
UPDATE calls
SET
    ended_at = :now, answered_at = :answered_at, http_status = :http_status, effect = :effect, code = :code,
    message = :message,
    counts_until = CASE
        WHEN CAST(:counts_until AS BIGINT) < counts_until THEN CAST(:counts_until AS BIGINT) ELSE counts_until
    END
WHERE id = :call_id AND ended_at IS NULL

-- name: hold_lane
UPDATE lanes SET held_reason = :reason, held_since = COALESCE(held_since, :now), probe_at = :probe_at
WHERE id = :lane_id

-- name: close_breaker
UPDATE apis SET breaker_until = NULL, breaker_failures = 0, probe_call_id = NULL WHERE id = :api_id

-- name: open_breaker
-- Calls that were in flight when the first of them failed are one failure together; after that each probe is one more.
UPDATE apis
SET
    breaker_failures = CASE
        WHEN breaker_failures = 0 OR probe_call_id = :call_id THEN breaker_failures + 1 ELSE breaker_failures
    END,
    breaker_until = CASE
        WHEN breaker_until > CAST(:breaker_until AS BIGINT) THEN breaker_until ELSE CAST(:breaker_until AS BIGINT)
    END
WHERE id = :api_id

-- name: learn
-- Once a lock: the calls that were in flight when it came teach nothing more.
UPDATE apis SET learned_budget = :learned_budget, learned_at = :now
WHERE id = :api_id AND (locked_until IS NULL OR locked_until <= :now)

-- name: note_parameters
-- What was accepted once stays so.
UPDATE apis SET parameters_in = :parameters_in WHERE id = :api_id AND parameters_in IN ('', 'unsure')

-- name: lock_until
UPDATE apis
SET locked_until = CASE
    WHEN locked_until > CAST(:locked_until AS BIGINT) THEN locked_until ELSE CAST(:locked_until AS BIGINT)
END
WHERE id = :api_id

-- name: claimed_by_call
-- Locked in the order of their ids, so that nobody gives them back between this look and the move.
SELECT id FROM deliveries WHERE call_id = :call_id AND state = :CLAIMED ORDER BY id
-- postgres: FOR NO KEY UPDATE
