-- name: start_job
INSERT INTO jobs (kind, selector, cursor, until_id, started_at, counts)
VALUES (:kind, :selector, :cursor, :until_id, :now, '{}')
RETURNING id

-- name: job
SELECT id, kind, selector, cursor, until_id, started_at, ended_at, counts FROM jobs WHERE id = :job_id

-- name: open_jobs
SELECT id, kind, selector, cursor, until_id, started_at, ended_at, counts FROM jobs WHERE ended_at IS NULL ORDER BY id

-- name: advance_job
UPDATE jobs SET cursor = :cursor, counts = :counts WHERE id = :job_id AND cursor < :cursor

-- name: end_job
UPDATE jobs SET ended_at = :now WHERE id = :job_id AND ended_at IS NULL

-- name: jobs_done
SELECT id, kind, selector, cursor, until_id, started_at, ended_at, counts FROM jobs
WHERE kind = :kind AND ended_at IS NOT NULL
ORDER BY id
