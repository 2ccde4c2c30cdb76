-- name: schema_version
SELECT version, compatible_with, moved_to FROM schema_version ORDER BY version DESC LIMIT 1

-- name: applied_version
INSERT INTO schema_version (version, compatible_with, applied_at) VALUES (:version, :compatible_with, :now)

-- name: give_identity
INSERT INTO about (id, identity, checked_at) VALUES (1, :identity, :now) ON CONFLICT (id) DO NOTHING

-- name: mark_checked
UPDATE about SET checked_at = :now WHERE id = 1
