-- name: first_expired
SELECT id FROM deliveries WHERE state = :CLAIMED AND lease_until <= :now ORDER BY lease_until LIMIT 1

-- name: note_lost_attempt
INSERT INTO attempts (delivery_id, call_id, outcome, result, code, message)
VALUES (:delivery_id, :call_id, :outcome, 'lease_over', '', 'the deliverer ended before it could tell')
ON CONFLICT (delivery_id, call_id) DO NOTHING

-- name: return_lease
UPDATE deliveries
SET state = :PENDING, call_id = NULL, lease_until = NULL, available_at = :now, attempts = attempts + 1
WHERE id = :delivery_id AND call_id = :call_id AND state = :CLAIMED

-- name: bury_doubtful
UPDATE deliveries
SET state = :DEAD, reason = 'doubt', call_id = NULL, lease_until = NULL, ended_at = :now, attempts = attempts + 1
WHERE id = :delivery_id AND call_id = :call_id AND state = :CLAIMED
