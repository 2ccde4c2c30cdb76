-- name: key_of_event
SELECT hook_id, key FROM events WHERE id = :event_id

-- name: current_of_key
SELECT id, key_until FROM events WHERE hook_id = :hook_id AND key = :key AND variant = 0

-- name: events_of_key
-- The one that stands for the key first, then the newest; retries of older ones come soon.
SELECT id, state, reason, lead, sent_at, inputs, outcome FROM events
WHERE hook_id = :hook_id AND key = :key
ORDER BY CASE variant WHEN 0 THEN 0 ELSE 1 END, id DESC
LIMIT 100

-- name: journeys_of_key
SELECT d.lane_id, d.lead FROM events e JOIN deliveries d ON d.event_id = e.id
WHERE e.hook_id = :hook_id AND e.key = :key AND d.ordered = 0 AND d.state <> :DEAD

-- name: consent_since
SELECT o.id FROM events o JOIN deliveries d ON d.event_id = o.id
WHERE o.lead = :lead AND o.id > :event_id AND o.state = :ACCEPTED AND d.ordered <> :WITHDRAWAL AND (
    CAST(:sent_at AS BIGINT) IS NULL OR o.sent_at IS NULL OR o.hook_id <> :hook_id
    OR o.sent_at <= CAST(:sent_at AS BIGINT)
)
LIMIT 1

-- name: withdrew_since
SELECT v.id FROM events e
JOIN deliveries d ON d.event_id = e.id
JOIN deliveries w ON w.lead = d.lead AND w.account_id = d.account_id AND w.ordered = :WITHDRAWAL
JOIN events v ON v.id = w.event_id
WHERE e.id = :event_id AND {withdrew} AND {before_withdrawal}
LIMIT 1

-- name: free_key
UPDATE events SET key = NULL WHERE hook_id = :hook_id AND key = :key

-- name: give_key_away
UPDATE events SET variant = id WHERE id = :event_id

-- name: settle_replaced
UPDATE events SET state = :IGNORED, reason = :reason WHERE id = :event_id

-- name: count_again
UPDATE events SET seen = seen + 1, seen_at = :now WHERE id = :event_id
