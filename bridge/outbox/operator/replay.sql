-- name: later_event_of_lead
SELECT MIN(id) AS id FROM events WHERE lead = :lead AND id > :event_id AND state = :ACCEPTED

-- name: event_before
SELECT e.state, h.name AS hook FROM events e JOIN hooks h ON h.id = e.hook_id WHERE e.id = :event_id

-- name: map_event_again
UPDATE events
SET
    state = :state, reason = :reason, kind = :kind, lead = :lead, notes = :notes, mapping_set_id = :mapping_set_id,
    fetch_at = 0, fetch_tries = 0
WHERE id = :event_id

-- name: states_of_event
SELECT id, state, replay FROM deliveries WHERE event_id = :event_id ORDER BY id

-- name: add_replayed
INSERT INTO deliveries (
    event_id, replay, action_no, account_id, lane_id, priority, state, ordered, on_doubt, lead, received_at, available_at,
    waits_for
)
SELECT
    e.id, :replay, :action_no, :account_id, :lane_id, :priority, :state, :ordered, :on_doubt, :lead, e.received_at, :now,
    CAST(:waits_for AS BIGINT)
FROM events e
WHERE e.id = :event_id
RETURNING id

-- name: lock_event
-- Before the states of its deliveries are read, so that two replays of one event come one after the other.
SELECT id FROM events WHERE id = :event_id
-- postgres: FOR NO KEY UPDATE
