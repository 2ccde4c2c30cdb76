-- name: lock_api
-- The lock and what it protects must be two statements: a statement that waits for the lock still counts the calls
-- as they were when it started.
SELECT id FROM apis WHERE id = :api_id FOR NO KEY UPDATE

-- name: lock_api_of_lane
SELECT id FROM apis WHERE id = (SELECT api_id FROM lanes WHERE id = :lane_id) FOR NO KEY UPDATE

-- name: lock_api_of_call
SELECT id FROM apis WHERE id = (SELECT api_id FROM calls WHERE id = :call_id) FOR NO KEY UPDATE
