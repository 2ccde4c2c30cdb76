-- name: api_state
-- The calls that count are never more than the budget, so counting them stays cheap.
SELECT
    a.id AS api_id, a.account_id, a.name, a.locked_until, a.breaker_until, a.breaker_failures, a.probe_call_id,
    a.learned_budget, a.learned_at,
    (SELECT COUNT(*) FROM calls c WHERE c.api_id = a.id AND c.counts_until > :now) AS counted,
    EXISTS (
        SELECT 1 FROM calls p WHERE p.id = a.probe_call_id AND p.ended_at IS NULL AND p.deadline > :now
    ) AS probing
FROM apis a
WHERE a.id = :api_id

-- name: api_state_by_name
SELECT
    a.id AS api_id, a.locked_until, a.breaker_until, a.breaker_failures, a.learned_budget, a.learned_at,
    a.parameters_in,
    EXISTS (
        SELECT 1 FROM calls p WHERE p.id = a.probe_call_id AND p.ended_at IS NULL AND p.deadline > :now
    ) AS probing
FROM apis a
JOIN accounts n ON n.id = a.account_id
WHERE n.name = :account AND a.name = :name

-- name: slots
SELECT started_at, answered_at, lane_id, leads > 0 AND live_leads = 0 AS is_bulk FROM calls
WHERE api_id = :api_id AND counts_until > :now ORDER BY id

-- name: add_call
INSERT INTO calls (api_id, lane_id, cohort, started_at, deadline, counts_until, deliverer, leads, live_leads)
VALUES (:api_id, :lane_id, :cohort, :now, :deadline, :counts_until, :deliverer, 0, 0)
RETURNING id

-- name: drop_call
-- Only for a call that turned out to have no deliveries, in the transaction that entered it.
DELETE FROM calls WHERE id = :call_id

-- name: set_probe
UPDATE apis SET probe_call_id = :call_id WHERE id = :api_id

-- name: lock_account_of_api
-- One lock for all APIs of an account, since a lead's deliveries to one of them wait for those to others. The lock and
-- what it protects must be two statements: a statement that waits for the lock still counts the calls as they were when
-- it started.
SELECT id FROM accounts WHERE id = (SELECT account_id FROM apis WHERE id = :api_id)
-- postgres: FOR NO KEY UPDATE

-- name: lock_account_of_lane
SELECT id FROM accounts
WHERE id = (SELECT a.account_id FROM lanes l JOIN apis a ON a.id = l.api_id WHERE l.id = :lane_id)
-- postgres: FOR NO KEY UPDATE

-- name: lock_account_of_call
SELECT id FROM accounts
WHERE id = (SELECT a.account_id FROM calls c JOIN apis a ON a.id = c.api_id WHERE c.id = :call_id)
-- postgres: FOR NO KEY UPDATE
