-- name: shift_windows
UPDATE calls SET counts_until = counts_until + :ahead_ms WHERE counts_until > :now

-- name: shift_locks
UPDATE apis SET locked_until = locked_until + :ahead_ms WHERE locked_until > :now

-- name: mark_moved
UPDATE schema_version SET moved_to = :moved_to
