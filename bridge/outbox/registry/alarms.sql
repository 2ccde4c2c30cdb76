-- name: active_alarms
SELECT name, subject, severity, message, fix, raised_at, seen_at FROM alarms ORDER BY raised_at, name, subject

-- name: alarm_not_looked_at
SELECT 1 AS found FROM alarms WHERE seen_at < :before LIMIT 1

-- name: note_alarm
INSERT INTO alarms (name, subject, severity, message, fix, raised_at, seen_at)
VALUES (:name, :subject, :severity, :message, :fix, :now, :now)
ON CONFLICT (name, subject, severity) DO UPDATE
SET message = excluded.message, fix = excluded.fix, seen_at = excluded.seen_at

-- name: end_alarms
DELETE FROM alarms WHERE seen_at < :before

-- name: alarm_channels
SELECT name, reported, next_at, failures, error, sent_at FROM alarm_channels ORDER BY name

-- name: alarm_channel
SELECT name, reported, next_at, failures, error, sent_at FROM alarm_channels WHERE name = :name

-- name: add_alarm_channel
INSERT INTO alarm_channels (name) VALUES (:name) ON CONFLICT (name) DO NOTHING

-- name: claim_alarm_channel
UPDATE alarm_channels SET next_at = :until WHERE name = :name AND next_at <= :now

-- name: note_alarm_message
UPDATE alarm_channels SET reported = :reported, next_at = :next_at, failures = 0, error = :error, sent_at = :now
WHERE name = :name

-- name: note_alarm_failure
UPDATE alarm_channels SET next_at = :next_at, failures = failures + 1, error = :error WHERE name = :name
