-- name: questions
SELECT q.label, q.first_at FROM questions q JOIN hooks h ON h.id = q.hook_id WHERE h.name = :hook

-- name: add_question
INSERT INTO questions (hook_id, label, first_at) VALUES (:hook_id, :label, :now)
ON CONFLICT (hook_id, label) DO NOTHING

-- name: note_optional
UPDATE questions SET optional_at = :now
WHERE hook_id = :hook_id AND label = :label AND optional_at IS NULL

-- name: optional_questions
SELECT q.label FROM questions q JOIN hooks h ON h.id = q.hook_id WHERE h.name = :hook AND q.optional_at IS NOT NULL

-- name: note_drift
INSERT INTO drifts (hook_id, question, place, closest, mapping_set_id, first_at, last_at)
VALUES (:hook_id, :question, :place, :closest, :mapping_set_id, :now, :now)
ON CONFLICT (hook_id, question) DO UPDATE
SET
    place = excluded.place, closest = excluded.closest, last_at = excluded.last_at,
    first_at = CASE
        WHEN drifts.mapping_set_id = excluded.mapping_set_id THEN drifts.first_at ELSE excluded.first_at
    END,
    mapping_set_id = excluded.mapping_set_id

-- name: drifts
SELECT h.name AS hook, d.question, d.place, d.closest, d.mapping_set_id, d.first_at, d.last_at
FROM drifts d
JOIN hooks h ON h.id = d.hook_id
ORDER BY h.name, d.question
