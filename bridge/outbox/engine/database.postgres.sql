-- name: weak_settings
SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'

-- name: outbox_size
SELECT pg_database_size(current_database()) AS bytes

-- name: has_schema
SELECT to_regclass('schema_version') IS NOT NULL AS found
