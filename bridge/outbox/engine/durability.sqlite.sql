-- name: weak_settings
SELECT 'synchronous' AS name FROM pragma_synchronous WHERE synchronous < 2
UNION ALL
SELECT 'journal_mode' FROM pragma_journal_mode WHERE journal_mode <> 'wal'
