-- name: add_mapping_set
INSERT INTO mapping_sets (digest, content, stored_at) VALUES (:digest, :content, :now)
ON CONFLICT (digest) DO NOTHING

-- name: mapping_set_id
SELECT id FROM mapping_sets WHERE digest = :digest

-- name: activate
INSERT INTO active (id, generation, mapping_set_id) VALUES (1, 1, :mapping_set_id)
ON CONFLICT (id) DO UPDATE SET generation = active.generation + 1, mapping_set_id = excluded.mapping_set_id
WHERE active.mapping_set_id <> excluded.mapping_set_id

-- name: request_reload
UPDATE active SET generation = generation + 1

-- name: active_mapping_set
SELECT m.id, m.content FROM active a JOIN mapping_sets m ON m.id = a.mapping_set_id

-- name: mapping_sets
SELECT m.id, m.content, m.stored_at, m.id = a.mapping_set_id AS is_active
FROM mapping_sets m CROSS JOIN active a
WHERE m.id > :after
ORDER BY m.id LIMIT 1

-- name: active_generation
SELECT generation, mapping_set_id FROM active
