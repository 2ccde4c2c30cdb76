-- name: lock_key
-- Until the transaction ends. The key and no row of it: which row stands for it is what changes.
SELECT pg_advisory_xact_lock(hashtextextended(:key, :hook_id)) IS NULL AS locked
