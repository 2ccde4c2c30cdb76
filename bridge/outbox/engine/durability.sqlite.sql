-- name: weak_settings
SELECT 'synchronous' AS name FROM pragma_synchronous WHERE synchronous < 2
UNION ALL
SELECT 'journal_mode' FROM pragma_journal_mode WHERE journal_mode <> 'wal'

-- name: outbox_size
SELECT c.page_count * s.page_size AS bytes FROM pragma_page_count c, pragma_page_size s
