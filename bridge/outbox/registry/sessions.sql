-- name: start_session
INSERT INTO sessions (digest, until) VALUES (:digest, :until)

-- name: purge_sessions
DELETE FROM sessions WHERE until <= :now

-- name: end_session
DELETE FROM sessions WHERE digest = :digest

-- name: open_session
SELECT until FROM sessions WHERE digest = :digest AND until > :now
