-- name: journeys_of_changes
SELECT
    d.lead, {target}
FROM events e
JOIN events o ON o.hook_id = e.hook_id AND o.key = e.key AND o.id <> e.id
JOIN deliveries d ON d.event_id = o.id AND d.ordered = 0 AND d.state <> :DEAD
JOIN lanes l ON l.id = d.lane_id
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id
WHERE e.id = :event_id

-- name: receipt_of_event
SELECT received_at FROM events WHERE id = :event_id

-- name: event_before
SELECT e.state, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id WHERE e.id = :event_id

-- name: map_event_again
UPDATE events
SET
    state = :state, reason = :reason, kind = :kind, lead = :lead, notes = :notes, mapping_set_id = :mapping_set_id,
    sent_at = :sent_at, outcome = :outcome,
    fetch_at = 0, fetch_tries = 0
WHERE id = :event_id

-- name: states_of_event
SELECT id, state, replay FROM deliveries WHERE event_id = :event_id ORDER BY id

-- name: lock_event
-- Before the states of its deliveries are read, so that two replays of one event come one after the other.
SELECT id FROM events WHERE id = :event_id
-- postgres: FOR NO KEY UPDATE
