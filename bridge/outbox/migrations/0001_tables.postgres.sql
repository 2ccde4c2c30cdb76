-- The tables of the outbox, column for column those of SQLite; see there for what they mean. `deliveries` is narrow and
-- is vacuumed early, because PostgreSQL copies a row at every move.

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    compatible_with INTEGER NOT NULL,           -- the lowest version of the code's schema that may use these tables
    applied_at BIGINT NOT NULL,
    moved_to TEXT
);

CREATE TABLE about (                            -- one row
    id BIGINT PRIMARY KEY CHECK (id = 1),
    identity BYTEA NOT NULL,
    checked_at BIGINT NOT NULL
);

CREATE TABLE mapping_sets (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    content BYTEA NOT NULL,
    stored_at BIGINT NOT NULL
);

CREATE TABLE active (                           -- one row: the mapping set in force
    id BIGINT PRIMARY KEY CHECK (id = 1),
    generation BIGINT NOT NULL,
    mapping_set_id BIGINT NOT NULL
);

CREATE TABLE processes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    digest TEXT NOT NULL,                       -- of the mapping set it runs
    seen_at BIGINT NOT NULL,
    UNIQUE (role, host, pid)
);

CREATE TABLE accounts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE tokens (
    account_id BIGINT PRIMARY KEY,
    generation BIGINT NOT NULL,                -- grows by one with every token stored
    access TEXT,
    expires_at BIGINT,
    refreshing_until BIGINT,
    failure TEXT,
    failure_permanent INTEGER NOT NULL DEFAULT 0,
    failed_at BIGINT,
    retry_at BIGINT
);

CREATE TABLE snapshots (                        -- the names and keys of an account, as Zoho last gave them
    account_id BIGINT PRIMARY KEY,
    stored_at BIGINT NOT NULL,
    content BYTEA NOT NULL
);

CREATE TABLE apis (                             -- the row that every claim locks
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    budget INTEGER,
    learned_budget INTEGER,
    locked_until BIGINT,
    breaker_until BIGINT,
    breaker_failures INTEGER NOT NULL DEFAULT 0,
    probe_call_id BIGINT,
    UNIQUE (account_id, name)
);

CREATE TABLE lanes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    api_id BIGINT NOT NULL,
    target_digest BYTEA NOT NULL UNIQUE,
    list_name TEXT NOT NULL,
    list_key TEXT NOT NULL,
    journey_name TEXT NOT NULL,
    journey_key TEXT NOT NULL,
    trigger_key TEXT NOT NULL,
    sources TEXT NOT NULL,
    topics TEXT NOT NULL,
    held_reason TEXT,
    held_since BIGINT,
    probe_at BIGINT
);
CREATE INDEX lanes_api ON lanes (api_id);
CREATE INDEX lanes_held ON lanes (held_since) WHERE held_since IS NOT NULL;

CREATE TABLE hooks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE requests (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook_id BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    meta BYTEA,
    body BYTEA                                   -- NULL once purged
);

CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id BIGINT NOT NULL,
    item INTEGER NOT NULL,
    hook_id BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    state INTEGER NOT NULL,                     -- 1 accepted, 2 ignored, 3 refused, 4 fetching
    reason TEXT NOT NULL,
    key TEXT,                                   -- NULL once its time is over
    key_until BIGINT,
    mapping_set_id BIGINT,
    lead TEXT,
    notes BYTEA
);
CREATE UNIQUE INDEX events_key ON events (hook_id, key);
CREATE INDEX events_lead ON events (lead, id) WHERE lead IS NOT NULL;
CREATE INDEX events_request ON events (request_id);
CREATE INDEX events_hook ON events (hook_id, state, id);

CREATE TABLE deliveries (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id BIGINT NOT NULL,
    replay INTEGER NOT NULL DEFAULT 0,
    action_no INTEGER NOT NULL,
    account_id BIGINT NOT NULL,
    lane_id BIGINT NOT NULL,
    class INTEGER NOT NULL,                     -- 0 live, 1 waiting, 2 bulk
    state INTEGER NOT NULL,
    ordered INTEGER NOT NULL,                   -- 1: those of one lead go one at a time, in the order of their ids
    on_doubt TEXT NOT NULL,
    lead TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    available_at BIGINT NOT NULL,
    first_try_at BIGINT,
    attempts INTEGER NOT NULL DEFAULT 0,
    ignored_count INTEGER NOT NULL DEFAULT 0,
    call_id BIGINT,
    lease_until BIGINT,
    waits_for BIGINT,
    cohort BIGINT,
    reason TEXT,
    code TEXT,
    ended_at BIGINT,
    UNIQUE (event_id, replay, action_no)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
CREATE INDEX deliveries_due ON deliveries (lane_id, class, available_at, id) WHERE state = 1;
CREATE INDEX deliveries_cohort ON deliveries (cohort, id) WHERE state = 1 AND cohort IS NOT NULL;
CREATE INDEX deliveries_order ON deliveries (account_id, lead, id) WHERE state IN (1, 2, 3) AND ordered = 1;
CREATE INDEX deliveries_lease ON deliveries (lease_until) WHERE state = 2;
CREATE INDEX deliveries_call ON deliveries (call_id, id) WHERE state = 2;
CREATE INDEX deliveries_blocked ON deliveries (lane_id) WHERE state = 3;
CREATE INDEX deliveries_waits ON deliveries (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX deliveries_age ON deliveries (lane_id, received_at) WHERE state IN (1, 2, 3);
CREATE INDEX deliveries_dead ON deliveries (reason, ended_at) WHERE state = 5;

CREATE TABLE payloads (
    delivery_id BIGINT PRIMARY KEY,
    body BYTEA NOT NULL
);

CREATE TABLE calls (                            -- the ledger
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    api_id BIGINT NOT NULL,
    lane_id BIGINT,
    started_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    counts_until BIGINT NOT NULL,
    ended_at BIGINT,                           -- when its deliverer was done with it, answered or not
    answered_at BIGINT,
    http_status INTEGER,
    effect TEXT,
    code TEXT,
    message TEXT,
    deliverer TEXT NOT NULL,
    leads INTEGER NOT NULL
);
CREATE INDEX calls_window ON calls (api_id, counts_until);
CREATE INDEX calls_lane ON calls (lane_id, started_at);

CREATE TABLE attempts (
    delivery_id BIGINT NOT NULL,
    call_id BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    result TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT,
    PRIMARY KEY (delivery_id, call_id)
);
CREATE INDEX attempts_call ON attempts (call_id);

CREATE TABLE counters (
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    shard INTEGER NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (name, labels, shard)
);

CREATE TABLE jobs (                             -- work in bulk, resumable by key: replay, purge, forget, move
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    selector TEXT NOT NULL,
    cursor BIGINT NOT NULL DEFAULT 0,
    rate INTEGER,
    state TEXT NOT NULL
);

CREATE TABLE question_seen (                    -- which questions a hook's form asks: to notice one that was renamed
    hook_id BIGINT NOT NULL,
    question_digest BYTEA NOT NULL,
    label TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (hook_id, question_digest)
);
