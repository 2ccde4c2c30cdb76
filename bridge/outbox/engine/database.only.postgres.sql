-- name: database_time
-- At this moment, and not at the start of the transaction.
SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now
