-- name: weak_settings
SELECT 'synchronous' AS name FROM pragma_synchronous WHERE synchronous < 2
UNION ALL
SELECT 'journal_mode' FROM pragma_journal_mode WHERE journal_mode <> 'wal'

-- name: outbox_size
SELECT c.page_count * s.page_size AS bytes FROM pragma_page_count c, pragma_page_size s

-- name: has_schema
SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version') AS found
