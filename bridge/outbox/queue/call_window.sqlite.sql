-- name: lock_api
-- SQLite has one writer at a time: the transaction itself is the lock.
SELECT id FROM apis WHERE id = :api_id

-- name: lock_api_of_lane
SELECT api_id AS id FROM lanes WHERE id = :lane_id

-- name: lock_api_of_call
SELECT api_id AS id FROM calls WHERE id = :call_id
