-- name: add_in_one_statement
-- Requests, their new events and what comes of those, in one statement (see one_statement.py). Ids are given here, since
-- others take some at the same time; the rows name each other by their places, from 1 on. The counters come last: who
-- waits for them holds nothing up that their owner waits for.
WITH ids AS MATERIALIZED (
    SELECT
        ARRAY(SELECT nextval('requests_id_seq') FROM generate_series(1, :requests)) AS requests,
        ARRAY(SELECT nextval('events_id_seq') FROM generate_series(1, :events)) AS events,
        ARRAY(SELECT nextval('deliveries_id_seq') FROM generate_series(1, :deliveries)) AS deliveries,
        CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS now
),
new AS (
    INSERT INTO events (
        id, request_id, item, hook_id, received_at, kind, type, state, reason, key, key_until, mapping_set_id, lead,
        notes, sent_at, inputs, outcome
    )
    SELECT
        ids.events[e.id], ids.requests[e.request_id], e.item, e.hook_id, e.received_at, e.kind, e.type, e.state,
        e.reason, e.key, e.key_until, e.mapping_set_id, e.lead, e.notes, e.sent_at, e.inputs, e.outcome
    FROM ids, json_populate_recordset(CAST(NULL AS events), :event_rows) AS e
    ON CONFLICT (hook_id, key, variant) DO NOTHING
    RETURNING id, request_id
),
added_requests AS (
    INSERT INTO requests (id, hook_id, received_at, content_type, meta, body)
    SELECT ids.requests[r.id], r.hook_id, r.received_at, r.content_type, r.meta, r.body
    FROM ids, json_populate_recordset(CAST(NULL AS requests), :request_rows) AS r
    WHERE ids.requests[r.id] IN (SELECT request_id FROM new)
),
added_deliveries AS (
    INSERT INTO deliveries (
        id, event_id, waits_for, state, available_at, action_no, account_id, lane_id, ordered, priority, on_doubt,
        lead, received_at
    )
    SELECT
        ids.deliveries[d.id], ids.events[d.event_id], ids.deliveries[d.waits_for], d.state,
        COALESCE(d.available_at, ids.now), d.action_no, d.account_id, d.lane_id, d.ordered, d.priority, d.on_doubt,
        d.lead, d.received_at
    FROM ids, json_populate_recordset(CAST(NULL AS deliveries), :delivery_rows) AS d
    WHERE ids.events[d.event_id] IN (SELECT id FROM new)
    RETURNING id
),
added_payloads AS (
    INSERT INTO payloads (delivery_id, body)
    SELECT ids.deliveries[p.delivery_id], p.body
    FROM ids, json_populate_recordset(CAST(NULL AS payloads), :payload_rows) AS p
    WHERE ids.deliveries[p.delivery_id] IN (SELECT id FROM added_deliveries)
),
counted AS (
    INSERT INTO counters (name, labels, shard, value)
    SELECT 'events', c.labels, CAST(:shard AS INTEGER), COUNT(*)
    FROM ids, json_array_elements_text(:labels) WITH ORDINALITY AS c (labels, place)
    WHERE ids.events[c.place] IN (SELECT id FROM new)
    GROUP BY c.labels
    ORDER BY c.labels
    ON CONFLICT (name, labels, shard) DO UPDATE SET value = counters.value + excluded.value
)
SELECT requests, events, ARRAY(SELECT id FROM new) AS new FROM ids
