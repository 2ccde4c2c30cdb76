-- name: overwrite_what_is_deleted
-- PostgreSQL keeps dead rows until it vacuums; the operations page says how to do that at once.
SELECT 1
