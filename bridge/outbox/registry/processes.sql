-- name: heartbeat
INSERT INTO processes (role, host, pid, seen_at) VALUES (:role, :host, :pid, :now)
ON CONFLICT (role, host, pid) DO UPDATE SET seen_at = excluded.seen_at

-- name: forget_processes
DELETE FROM processes WHERE seen_at < :before

-- name: processes
SELECT role, host, pid, seen_at FROM processes WHERE seen_at >= :since ORDER BY role, host, pid

-- name: identity
SELECT identity FROM about WHERE id = 1
