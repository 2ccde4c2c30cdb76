-- name: record_batch
-- Requests, their new events and what became of those, in one statement. Ids are given here, since others take some at
-- the same time; the arrays name a row of another one by its place, from 1 on. The counters come last: a statement
-- that waits for them holds nothing up that their owner waits for.
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
        notes
    )
    SELECT
        ids.events[e.place], ids.requests[e.request_place], e.item, e.hook_id, e.received_at, e.kind, e.type, e.state,
        e.reason, e.key, e.key_until, e.mapping_set_id, e.lead, e.notes
    FROM ids, unnest(
        :event_id::bigint[], :event_request_id::bigint[], :event_item::bigint[], :event_hook_id::bigint[],
        :event_received_at::bigint[], :event_kind::text[], :event_type::text[], :event_state::bigint[],
        :event_reason::text[], :event_key::text[], :event_key_until::bigint[], :event_mapping_set_id::bigint[],
        :event_lead::text[], :event_notes::bytea[]
    ) AS e (
        place, request_place, item, hook_id, received_at, kind, type, state, reason, key, key_until, mapping_set_id,
        lead, notes
    )
    ON CONFLICT (hook_id, key) DO NOTHING
    RETURNING id, request_id
),
added_requests AS (
    INSERT INTO requests (id, hook_id, received_at, content_type, meta, body)
    SELECT ids.requests[r.place], r.hook_id, r.received_at, r.content_type, r.meta, r.body
    FROM ids, unnest(
        :request_id::bigint[], :request_hook_id::bigint[], :request_received_at::bigint[],
        :request_content_type::text[], :request_meta::bytea[], :request_body::bytea[]
    ) AS r (place, hook_id, received_at, content_type, meta, body)
    WHERE ids.requests[r.place] IN (SELECT request_id FROM new)
),
added_deliveries AS (
    INSERT INTO deliveries (
        id, event_id, waits_for, available_at, action_no, account_id, lane_id, ordered, priority, state, on_doubt, lead,
        received_at
    )
    SELECT
        ids.deliveries[d.place], ids.events[d.event_place], ids.deliveries[d.waits_for],
        COALESCE(d.available_at, ids.now), d.action_no, d.account_id, d.lane_id, d.ordered, d.priority, d.state,
        d.on_doubt, d.lead, d.received_at
    FROM ids, unnest(
        :delivery_id::bigint[], :delivery_event_id::bigint[], :delivery_waits_for::bigint[],
        :delivery_available_at::bigint[], :delivery_action_no::bigint[], :delivery_account_id::bigint[],
        :delivery_lane_id::bigint[], :delivery_ordered::bigint[], :delivery_priority::bigint[],
        :delivery_state::bigint[], :delivery_on_doubt::text[], :delivery_lead::text[],
        :delivery_received_at::bigint[]
    ) AS d (
        place, event_place, waits_for, available_at, action_no, account_id, lane_id, ordered, priority, state, on_doubt,
        lead, received_at
    )
    WHERE ids.events[d.event_place] IN (SELECT id FROM new)
),
added_payloads AS (
    INSERT INTO payloads (delivery_id, body)
    SELECT ids.deliveries[d.place], d.body
    FROM ids, unnest(:delivery_id::bigint[], :delivery_event_id::bigint[], :delivery_body::bytea[])
    AS d (place, event_place, body)
    WHERE ids.events[d.event_place] IN (SELECT id FROM new)
),
counted AS (
    INSERT INTO counters (name, labels, shard, value)
    SELECT 'events', e.labels, CAST(:shard AS BIGINT), COUNT(*)
    FROM ids, unnest(:event_id::bigint[], :event_labels::text[]) AS e (place, labels)
    WHERE ids.events[e.place] IN (SELECT id FROM new)
    GROUP BY e.labels
    ORDER BY e.labels
    ON CONFLICT (name, labels, shard) DO UPDATE SET value = counters.value + excluded.value
)
SELECT requests, events, ARRAY(SELECT id FROM new) AS new FROM ids
