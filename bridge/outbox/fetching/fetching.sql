-- name: hooks_to_fetch
-- One look into the index of waiting events for each hook.
SELECT h.name FROM hooks h
WHERE EXISTS (SELECT 1 FROM events e WHERE e.hook_id = h.id AND e.state = :FETCHING AND e.fetch_at <= :now)
ORDER BY h.name

-- name: fetch_backlogs
SELECT name, events, oldest_at
FROM (
    SELECT
        h.name,
        (
            SELECT COUNT(*) FROM (
                SELECT 1 FROM events e
                WHERE e.hook_id = h.id AND e.state = :FETCHING
                ORDER BY e.fetch_at LIMIT :cap
            ) counted
        ) AS events,
        (
            SELECT e.received_at FROM events e
            WHERE (e.hook_id, e.state, e.id) > (h.id, :FETCHING, 0)
                AND (e.hook_id, e.state, e.id) < (h.id, :FETCHING + 1, 0)
            ORDER BY e.hook_id, e.state, e.id
            LIMIT 1
        ) AS oldest_at
    FROM hooks h
) waiting
WHERE events > 0
ORDER BY name

-- name: claim_fetch
UPDATE events SET fetch_at = :until, fetch_tries = fetch_tries + 1 WHERE id = :event_id AND state = :FETCHING

-- name: return_fetch
UPDATE events
SET fetch_at = :at, fetch_tries = fetch_tries - :uncounted, notes = COALESCE(:notes, notes)
WHERE id = :event_id AND state = :FETCHING AND fetch_at = :until

-- name: complete_fetch
UPDATE events
SET state = :state, reason = :reason, kind = :kind, lead = :lead, notes = :notes, mapping_set_id = :mapping_set_id,
    sent_at = :sent_at, outcome = :outcome
WHERE id = :event_id AND state = :FETCHING AND fetch_at = :until

-- name: store_fetched
INSERT INTO fetched (event_id, content) VALUES (:event_id, :content)
ON CONFLICT (event_id) DO UPDATE SET content = excluded.content

-- name: fetched_of
SELECT content FROM fetched WHERE event_id = :event_id

-- name: fetch_pauses
SELECT h.name, p.reason, p.fingerprint, p.since, p.probe_at
FROM fetch_pauses p
JOIN hooks h ON h.id = p.hook_id
ORDER BY h.name

-- name: fetch_pause
SELECT fingerprint FROM fetch_pauses WHERE hook_id = :hook_id

-- name: pause_fetches
INSERT INTO fetch_pauses (hook_id, reason, fingerprint, since, probe_at)
VALUES (:hook_id, :reason, :fingerprint, :now, :probe_at)
ON CONFLICT (hook_id) DO UPDATE SET
    reason = excluded.reason, fingerprint = excluded.fingerprint, probe_at = excluded.probe_at,
    since = CASE WHEN fetch_pauses.fingerprint = excluded.fingerprint THEN fetch_pauses.since ELSE excluded.since END

-- name: acquire_fetch_probe
UPDATE fetch_pauses SET probe_at = :next_at WHERE hook_id = :hook_id AND probe_at <= :now

-- name: resume_fetches
DELETE FROM fetch_pauses WHERE hook_id = :hook_id

-- name: due_fetches
-- Skips what another deliverer is just claiming.
SELECT e.id, e.item, e.received_at, e.fetch_tries, f.content
FROM events e
JOIN hooks h ON h.id = e.hook_id
LEFT JOIN fetched f ON f.event_id = e.id
WHERE h.name = :hook AND e.state = :FETCHING AND e.fetch_at <= :now
ORDER BY e.fetch_at, e.id
LIMIT :limit
-- postgres: FOR NO KEY UPDATE OF e SKIP LOCKED
