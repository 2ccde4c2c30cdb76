-- name: lock_key
-- Writers take turns on SQLite.
SELECT 1 AS locked
