-- fragment: ids
SELECT unnest(CAST(:ids AS BIGINT[]))
