-- name: claimed_by_call
-- Locked in the order of their ids, so that nobody gives them back between this look and the move.
SELECT id FROM deliveries WHERE call_id = :call_id AND state = :CLAIMED ORDER BY id FOR NO KEY UPDATE
