-- name: claimed_by_call
SELECT id FROM deliveries WHERE call_id = :call_id AND state = :CLAIMED ORDER BY id
