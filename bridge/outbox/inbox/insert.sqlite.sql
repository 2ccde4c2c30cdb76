-- name: free_ids
-- The first free id of each table: nobody else writes until this transaction ends.
SELECT
    COALESCE(MAX(CASE name WHEN 'requests' THEN seq END), 0) + 1 AS requests,
    COALESCE(MAX(CASE name WHEN 'events' THEN seq END), 0) + 1 AS events,
    COALESCE(MAX(CASE name WHEN 'deliveries' THEN seq END), 0) + 1 AS deliveries
FROM sqlite_sequence
WHERE name IN ('requests', 'events', 'deliveries')
