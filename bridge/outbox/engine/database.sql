-- name: schema_versions
-- All columns: those of an earlier build, which has fewer, must be readable to be refused.
SELECT * FROM schema_version ORDER BY version

-- name: applied_version
INSERT INTO schema_version (version, compatible_with, applied_at, digest)
VALUES (:version, :compatible_with, :now, :digest)

-- name: give_identity
INSERT INTO about (id, identity, checked_at) VALUES (1, :identity, :now) ON CONFLICT (id) DO NOTHING

-- name: mark_checked
UPDATE about SET checked_at = :now WHERE id = 1
