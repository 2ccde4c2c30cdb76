-- name: token
SELECT t.* FROM tokens t JOIN accounts n ON n.id = t.account_id WHERE n.name = :account

-- name: add_token
INSERT INTO tokens (account_id, generation) VALUES (:account_id, 0) ON CONFLICT (account_id) DO NOTHING

-- name: start_refresh
UPDATE tokens SET refreshing_until = :refreshing_until
WHERE account_id = :account_id AND generation = :generation
    AND (refreshing_until IS NULL OR refreshing_until <= :now)
    AND (retry_at IS NULL OR retry_at <= :now OR fingerprint <> :fingerprint)

-- name: forget_parameters
-- Other credentials may reach another account, which may take its parameters elsewhere.
UPDATE apis SET parameters_in = ''
WHERE account_id = :account_id AND parameters_in <> ''
    AND EXISTS (SELECT 1 FROM tokens t WHERE t.account_id = :account_id AND t.fingerprint NOT IN ('', :fingerprint))

-- name: store_token
UPDATE tokens
SET
    access = :access, expires_at = :expires_at, generation = generation + 1, refreshing_until = NULL, failure = NULL,
    failure_permanent = 0, failed_at = NULL, failures = 0, retry_at = NULL, fingerprint = :fingerprint
WHERE account_id = :account_id AND generation = :generation

-- name: store_token_failure
-- A token that other credentials obtained is dropped: it may be that of another account.
UPDATE tokens
SET
    failure = :failure, failure_permanent = :permanent, failed_at = :now, retry_at = :retry_at,
    refreshing_until = NULL,
    failures = CASE WHEN fingerprint = :fingerprint THEN failures + 1 ELSE 1 END,
    access = CASE WHEN fingerprint = :fingerprint THEN access ELSE NULL END,
    expires_at = CASE WHEN fingerprint = :fingerprint THEN expires_at ELSE NULL END,
    fingerprint = :fingerprint
WHERE account_id = :account_id

-- name: retry_token
UPDATE tokens SET retry_at = NULL
WHERE failure_permanent = 1 AND account_id IN (SELECT id FROM accounts WHERE name = :account)

-- name: reject_token
-- The second token in a row that is refused before its end: a third one would be refused, too.
UPDATE tokens
SET
    expires_at = 0,
    rejected_at = :now,
    failure = CASE WHEN rejected_at > :since THEN :failure ELSE failure END,
    failed_at = CASE WHEN rejected_at > :since THEN CAST(:now AS BIGINT) ELSE failed_at END,
    retry_at = CASE WHEN rejected_at > :since THEN CAST(:retry_at AS BIGINT) ELSE retry_at END
WHERE account_id = :account_id AND generation = :generation AND expires_at > 0

-- name: store_snapshot
INSERT INTO snapshots (account_id, stored_at, content) VALUES (:account_id, :now, :content)
ON CONFLICT (account_id) DO UPDATE SET stored_at = excluded.stored_at, content = excluded.content

-- name: snapshot
SELECT s.content FROM snapshots s JOIN accounts n ON n.id = s.account_id WHERE n.name = :account
