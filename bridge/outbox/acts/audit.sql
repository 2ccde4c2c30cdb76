-- name: write_audit
INSERT INTO audit (at, actor, source, act, subject, count, result, job_id)
VALUES (:now, :actor, :source, :act, :subject, :count, :result, :job_id)

-- name: audit
SELECT * FROM audit WHERE id < COALESCE(CAST(:before AS BIGINT), 9223372036854775807) ORDER BY id DESC LIMIT :limit

-- name: audit_of_job
SELECT * FROM audit
WHERE job_id = :job_id AND id < COALESCE(CAST(:before AS BIGINT), 9223372036854775807)
ORDER BY id DESC
LIMIT :limit

-- name: unlogged_audit
SELECT * FROM audit
WHERE id > COALESCE((SELECT logged_audit FROM leader_leases WHERE task = 'upkeep'), 0) AND at <= :settled_at
ORDER BY id
LIMIT :limit

-- name: note_logged_audit
UPDATE leader_leases SET logged_audit = :line_id WHERE task = 'upkeep'
