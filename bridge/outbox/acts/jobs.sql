-- name: start_job
INSERT INTO jobs (act, subject, options, actor, source, counts, started_at)
VALUES (:act, :subject, :options, :actor, :source, '{}', :now)
RETURNING id

-- name: add_items
INSERT INTO job_items :rows

-- name: fill_job
UPDATE jobs SET total = :total WHERE id = :job_id

-- name: job
SELECT * FROM jobs WHERE id = :job_id

-- name: newest_jobs
SELECT * FROM jobs
WHERE act <> 'backup' AND (CAST(:before AS BIGINT) IS NULL OR id < :before)
ORDER BY id DESC
LIMIT :limit

-- name: waiting_jobs
SELECT * FROM jobs
WHERE ended_at IS NULL AND stopped_at IS NULL AND total IS NOT NULL AND lease_until <= :now
ORDER BY id

-- name: lease_job
UPDATE jobs SET lease_until = :lease_until
WHERE id = :job_id AND ended_at IS NULL AND stopped_at IS NULL AND total IS NOT NULL

-- name: open_items
SELECT item_id, result FROM job_items WHERE job_id = :job_id AND result IS NULL ORDER BY item_id LIMIT :limit

-- name: open_items_of
SELECT item_id FROM job_items WHERE job_id = :job_id AND item_id IN ({ids}) AND result IS NULL ORDER BY item_id

-- name: items
SELECT item_id, result FROM job_items WHERE job_id = :job_id AND item_id > :after ORDER BY item_id LIMIT :limit

-- name: items_by_result
SELECT item_id, result FROM job_items
WHERE job_id = :job_id AND result = :result AND item_id > :after
ORDER BY item_id
LIMIT :limit

-- name: settle_item
UPDATE job_items SET result = :result WHERE job_id = :job_id AND item_id = EACH(:item_id)

-- name: count_job
UPDATE jobs SET counts = :counts WHERE id = :job_id

-- name: note_options
UPDATE jobs SET options = :options WHERE id = :job_id

-- name: stop_job
UPDATE jobs SET stopped_at = :now, lease_until = 0 WHERE id = :job_id AND ended_at IS NULL AND stopped_at IS NULL

-- name: resume_job
UPDATE jobs SET stopped_at = NULL, lease_until = 0 WHERE id = :job_id AND ended_at IS NULL AND total IS NOT NULL

-- name: end_job
UPDATE jobs SET ended_at = :now, lease_until = 0
WHERE id = :job_id AND ended_at IS NULL AND total IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM job_items i WHERE i.job_id = jobs.id AND i.result IS NULL)

-- name: jobs_by
SELECT * FROM jobs WHERE source = :source ORDER BY id DESC LIMIT :limit

-- name: jobs_done
SELECT * FROM jobs WHERE act = :act AND ended_at IS NOT NULL ORDER BY id
