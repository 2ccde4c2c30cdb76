-- name: copied_at
SELECT copied_at FROM about WHERE id = 1

-- name: mark_copied
UPDATE about SET copied_at = :copied_at WHERE id = 1

-- name: fill_window
-- A place in the ledger that nothing was sent for.
INSERT INTO calls (api_id, started_at, deadline, counts_until, ended_at, deliverer, leads, live_leads, code)
VALUES (:api_id, :now, :now, :counts_until, :now, 'restored', 0, 0, 'restored')

-- name: open_total
-- At most as many as anybody wants to read of.
SELECT COUNT(*) AS total FROM (SELECT 1 FROM deliveries WHERE state IN (:PENDING, :CLAIMED, :BLOCKED) LIMIT :cap) capped
