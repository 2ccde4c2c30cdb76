-- name: take
UPDATE deliveries
SET
    state = :CLAIMED, call_id = :call_id, lease_until = :lease_until,
    first_try_at = COALESCE(first_try_at, :now)
WHERE id = :delivery_id AND state = :PENDING
