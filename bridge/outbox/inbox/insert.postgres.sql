-- name: free_ids
-- So many ids of each table, which nobody else gets, and the time.
SELECT
    ARRAY(SELECT nextval('requests_id_seq') FROM generate_series(1, :requests)) AS requests,
    ARRAY(SELECT nextval('events_id_seq') FROM generate_series(1, :events)) AS events,
    ARRAY(SELECT nextval('deliveries_id_seq') FROM generate_series(1, :deliveries)) AS deliveries,
    CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now
