-- name: reserve_ids
-- Others take ids at the same time, so each is given.
SELECT
    ARRAY(SELECT nextval('requests_id_seq') FROM generate_series(1, :requests)) AS requests,
    ARRAY(SELECT nextval('events_id_seq') FROM generate_series(1, :events)) AS events,
    ARRAY(SELECT nextval('deliveries_id_seq') FROM generate_series(1, :deliveries)) AS deliveries,
    COALESCE(CAST(:now AS BIGINT), CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)) AS now

-- name: add_requests
INSERT INTO requests (
    id, hook_id, received_at, content_type, meta, body
)
SELECT * FROM unnest(
    :id::bigint[], :hook_id::bigint[], :received_at::bigint[], :content_type::text[], :meta::bytea[],
    :body::bytea[]
)

-- name: add_events
-- Counts the rows whose key was free.
INSERT INTO events (
    id, request_id, item, hook_id, received_at, kind, type, state, reason, key, key_until, mapping_set_id, lead,
    notes
)
SELECT * FROM unnest(
    :id::bigint[], :request_id::bigint[], :item::bigint[], :hook_id::bigint[], :received_at::bigint[],
    :kind::text[], :type::text[], :state::bigint[], :reason::text[], :key::text[], :key_until::bigint[],
    :mapping_set_id::bigint[], :lead::text[], :notes::bytea[]
)
ON CONFLICT (hook_id, key) DO NOTHING

-- name: add_deliveries
INSERT INTO deliveries (
    id, event_id, waits_for, available_at, action_no, account_id, lane_id, class, state, ordered, on_doubt,
    lead, received_at
)
SELECT * FROM unnest(
    :id::bigint[], :event_id::bigint[], :waits_for::bigint[], :available_at::bigint[], :action_no::bigint[],
    :account_id::bigint[], :lane_id::bigint[], :class::bigint[], :state::bigint[], :ordered::bigint[],
    :on_doubt::text[], :lead::text[], :received_at::bigint[]
)

-- name: add_payloads
INSERT INTO payloads (
    delivery_id, body
)
SELECT * FROM unnest(
    :delivery_id::bigint[], :body::bytea[]
)
