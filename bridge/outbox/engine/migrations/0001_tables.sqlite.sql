-- The tables of the outbox. Ids are never used twice (AUTOINCREMENT), times are milliseconds UTC, states are the
-- numbers of bridge.model (DeliveryState: 1 pending, 2 claimed, 3 blocked, 4 delivered, 5 dead), bodies are bytes.
-- There are no foreign keys: rows are only made by this package, and on PostgreSQL each check would lock its parent.

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    compatible_with INTEGER NOT NULL,           -- the lowest version of the code's schema that may use these tables
    applied_at INTEGER NOT NULL,
    digest BLOB NOT NULL,                       -- of the script: an edited one is refused
    moved_to TEXT
) STRICT;

CREATE TABLE about (                            -- one row
    id INTEGER PRIMARY KEY CHECK (id = 1),
    identity BLOB NOT NULL,
    checked_at INTEGER NOT NULL,
    copied_at INTEGER                            -- set in a copy: when it was made, until its first use
) STRICT;

CREATE TABLE mapping_sets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    content BLOB NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT;

CREATE TABLE active (                           -- one row: the mapping set active
    id INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL,
    mapping_set_id INTEGER NOT NULL
) STRICT;

CREATE TABLE processes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    role TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    UNIQUE (role, host, pid)
) STRICT;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tokens (
    account_id INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,                -- grows by one with every token stored
    access TEXT,
    expires_at INTEGER,
    refreshing_until INTEGER,
    failure TEXT,
    failure_permanent INTEGER NOT NULL DEFAULT 0,
    failed_at INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    retry_at INTEGER,
    rejected_at INTEGER,                        -- when a token was last refused before its end
    fingerprint TEXT NOT NULL DEFAULT ''        -- of the credentials that obtained the token, or failed to
) STRICT;

CREATE TABLE snapshots (                        -- the names and keys of an account, as Zoho last gave them
    account_id INTEGER PRIMARY KEY,
    stored_at INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE apis (                             -- the row that every claim locks
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    parameters_in TEXT NOT NULL DEFAULT '',     -- where it takes parameters: body, url, unsure, or not known
    learned_budget INTEGER,                     -- what the last lock taught, and when
    learned_at INTEGER,
    locked_until INTEGER,
    breaker_until INTEGER,
    breaker_failures INTEGER NOT NULL DEFAULT 0,
    probe_call_id INTEGER,
    UNIQUE (account_id, name)
) STRICT;

CREATE TABLE lanes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    api_id INTEGER NOT NULL,
    target_digest BLOB NOT NULL UNIQUE,
    list_name TEXT NOT NULL,
    list_key TEXT NOT NULL,
    journey_name TEXT NOT NULL,
    journey_key TEXT NOT NULL,
    trigger_key TEXT NOT NULL,
    sources TEXT NOT NULL,
    topics TEXT NOT NULL,
    tag TEXT NOT NULL,
    create_tag TEXT NOT NULL,
    held_reason TEXT,
    held_since INTEGER,
    probe_at INTEGER,
    CONSTRAINT lane_held CHECK ((held_reason IS NULL) = (held_since IS NULL) AND (held_since IS NOT NULL OR probe_at IS NULL))
) STRICT;
CREATE INDEX lanes_api ON lanes (api_id);
CREATE INDEX lanes_held ON lanes (held_since) WHERE held_since IS NOT NULL;

CREATE TABLE hooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    unregistered_at INTEGER,                         -- a person said that it will not come back
    status TEXT,                                 -- why it does not run as its file says: gone, closed, stale
    problem TEXT,
    fix TEXT,
    since INTEGER,
    CONSTRAINT hook_problem CHECK (
        (status IS NULL) = (problem IS NULL) AND (status IS NULL) = (fix IS NULL) AND (status IS NULL) = (since IS NULL)
    )
) STRICT;

CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    meta BLOB,
    body BLOB                                   -- NULL once purged
) STRICT;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER NOT NULL,
    item INTEGER NOT NULL,
    hook_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    state INTEGER NOT NULL,                     -- 1 accepted, 2 ignored, 3 refused, 4 fetching
    reason TEXT NOT NULL,
    key TEXT,                                   -- NULL once its time is over
    key_until INTEGER,
    mapping_set_id INTEGER,
    lead TEXT,
    notes BLOB,
    variant INTEGER NOT NULL DEFAULT 0,          -- 0: it stands for its key; any other event of the key has its own id
    sent_at INTEGER,                              -- the sender's time
    inputs BLOB,                              -- digest of all that the mapping reads
    outcome BLOB,                             -- digest of what was to be delivered
    seen INTEGER NOT NULL DEFAULT 1,             -- how often the same event came
    seen_at INTEGER,                              -- when it came again last
    fetch_at INTEGER NOT NULL DEFAULT 0,        -- while fetching: when to try it, or until when it is being tried
    fetch_tries INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT event_state CHECK (state BETWEEN 1 AND 4),
    CONSTRAINT event_reason CHECK (state NOT IN (2, 3) OR reason <> '')
) STRICT;
CREATE UNIQUE INDEX events_key ON events (hook_id, key, variant);
CREATE INDEX events_lead ON events (lead, id) WHERE lead IS NOT NULL;
CREATE INDEX events_request ON events (request_id);
CREATE INDEX events_hook ON events (hook_id, state, id);
CREATE INDEX events_fetching ON events (hook_id, fetch_at, id) WHERE state = 4;

CREATE TABLE fetched (                          -- what was fetched from a sender that gives ids only, by step
    event_id INTEGER PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE fetch_pauses (                     -- hooks whose token the sender refused
    hook_id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    fingerprint TEXT NOT NULL,                  -- of the refused token: another one ends the pause
    since INTEGER NOT NULL,
    probe_at INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id INTEGER NOT NULL,
    replay INTEGER NOT NULL DEFAULT 0,
    action_no INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    lane_id INTEGER NOT NULL,
    priority INTEGER NOT NULL,                     -- 0 live, 1 waiting, 2 bulk
    state INTEGER NOT NULL,
    ordered INTEGER NOT NULL,                   -- the rank among those of its lead: Order
    on_doubt TEXT NOT NULL,
    lead TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL,
    first_try_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    ignored_count INTEGER NOT NULL DEFAULT 0,
    outages INTEGER NOT NULL DEFAULT 0,         -- calls with it that failed although the API took others
    call_id INTEGER,
    lease_until INTEGER,
    waits_for INTEGER,
    cohort INTEGER,
    reason TEXT,
    code TEXT,
    ended_at INTEGER,
    UNIQUE (event_id, replay, action_no),
    CONSTRAINT delivery_state CHECK (state BETWEEN 1 AND 5),
    CONSTRAINT delivery_priority CHECK (priority BETWEEN 0 AND 2),
    CONSTRAINT delivery_claim CHECK ((state = 2) = (call_id IS NOT NULL) AND (state = 2) = (lease_until IS NOT NULL)),
    CONSTRAINT delivery_blocked CHECK (state <> 3 OR waits_for IS NOT NULL),
    CONSTRAINT delivery_end CHECK ((state IN (4, 5)) = (ended_at IS NOT NULL)),
    CONSTRAINT delivery_dead CHECK (state <> 5 OR reason IS NOT NULL)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (lane_id, priority, available_at, id) WHERE state = 1;
CREATE INDEX deliveries_cohort ON deliveries (cohort, id) WHERE state = 1 AND cohort IS NOT NULL;
CREATE INDEX deliveries_order ON deliveries (account_id, lead, id) WHERE state IN (1, 2, 3) AND ordered > 0;
CREATE INDEX deliveries_taken ON deliveries (account_id, lead) WHERE state = 2;
CREATE INDEX deliveries_accepted ON deliveries (account_id, lead, ended_at)
WHERE state = 4 AND ordered > 0 AND code <> 'unchanged';
CREATE INDEX deliveries_withdrawals ON deliveries (lead, account_id) WHERE ordered = 1;
CREATE INDEX deliveries_withdrawing ON deliveries (state, received_at) WHERE ordered = 1 AND state <> 4;
CREATE INDEX deliveries_lease ON deliveries (lease_until) WHERE state = 2;
CREATE INDEX deliveries_call ON deliveries (call_id, id) WHERE state = 2;
CREATE INDEX deliveries_blocked ON deliveries (lane_id, event_id) WHERE state = 3;
CREATE INDEX deliveries_open ON deliveries (lane_id, event_id) WHERE state IN (1, 2, 3);
CREATE INDEX deliveries_delivered ON deliveries (lane_id, event_id) WHERE state = 4;
CREATE INDEX deliveries_dead ON deliveries (lane_id, event_id) WHERE state = 5;

CREATE TABLE payloads (
    delivery_id INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE calls (                            -- the ledger
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    api_id INTEGER NOT NULL,
    lane_id INTEGER,
    cohort INTEGER,                  -- set when it carried half of a poisoned call
    started_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    counts_until INTEGER NOT NULL,
    ended_at INTEGER,                           -- when its deliverer was done with it, answered or not
    answered_at INTEGER,
    http_status INTEGER,
    effect TEXT,
    code TEXT,
    message TEXT,
    deliverer TEXT NOT NULL,
    leads INTEGER NOT NULL,
    live_leads INTEGER NOT NULL,     -- how many of them are live: pacing takes the others for bulk
    CONSTRAINT call_leads CHECK (live_leads BETWEEN 0 AND leads),
    CONSTRAINT call_end CHECK (ended_at IS NOT NULL OR (answered_at IS NULL AND http_status IS NULL AND effect IS NULL)),
    CONSTRAINT call_answer CHECK (answered_at IS NOT NULL OR http_status IS NULL)
) STRICT;
CREATE INDEX calls_window ON calls (api_id, counts_until);
CREATE INDEX calls_lane ON calls (lane_id, started_at);
CREATE INDEX calls_cohort ON calls (cohort) WHERE cohort IS NOT NULL;

CREATE TABLE attempts (
    delivery_id INTEGER NOT NULL,
    call_id INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    result TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT,
    PRIMARY KEY (delivery_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_call ON attempts (call_id);

CREATE TABLE counters (
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    shard INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name, labels, shard)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (                             -- acts on many things: retry, replay, cancel, dismiss, forget; backups
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,                      -- what was chosen, without anything of a person
    options TEXT NOT NULL,                      -- JSON
    actor TEXT NOT NULL,
    source TEXT NOT NULL,                       -- of the actor: cli, console
    total INTEGER,                              -- NULL until all items are stored
    counts TEXT NOT NULL,                       -- JSON: how many items came to each result
    started_at INTEGER NOT NULL,
    stopped_at INTEGER,
    ended_at INTEGER,
    lease_until INTEGER NOT NULL DEFAULT 0,     -- somebody runs it until then
    CONSTRAINT job_end CHECK (ended_at IS NULL OR total IS NOT NULL)
) STRICT;
CREATE INDEX jobs_source ON jobs (source, id);

CREATE TABLE job_items (                        -- the deliveries or events of a job
    job_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    result TEXT,                                -- NULL until it is done
    PRIMARY KEY (job_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_items_result ON job_items (job_id, result, item_id);

CREATE TABLE audit (                            -- who did what; only ever added to, without anything of a lead
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    count INTEGER,
    result TEXT NOT NULL,
    job_id INTEGER
) STRICT;
CREATE INDEX audit_job ON audit (job_id, id) WHERE job_id IS NOT NULL;

CREATE TABLE rejections (                       -- rejected requests, by the minute
    hook TEXT NOT NULL,                         -- empty: no hook that was ever known
    why TEXT NOT NULL,
    minute INTEGER NOT NULL,                        -- since 1970
    count INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (hook, why, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX rejections_minute ON rejections (minute);

CREATE TABLE totals_by_hour (                   -- the counters as they stood at the first look in each hour
    hour INTEGER NOT NULL,                          -- since 1970
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    value INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (name, labels, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX totals_hour ON totals_by_hour (hour);

CREATE TABLE questions (                        -- which questions a hook's form asks, and since when
    hook_id INTEGER NOT NULL,
    label TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    optional_at INTEGER,                        -- a submission came without it, and with no other in its place
    PRIMARY KEY (hook_id, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE drifts (                           -- questions that a mapping names and its form does not have
    hook_id INTEGER NOT NULL,
    question TEXT NOT NULL,
    place TEXT NOT NULL,                        -- of the mapping: file:line
    closest TEXT NOT NULL,                      -- of the form's questions, the one most likely meant
    mapping_set_id INTEGER,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (hook_id, question)
) STRICT, WITHOUT ROWID;

CREATE TABLE leader_leases (                    -- by task: which process does it, until when
    task TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL,
    logged_audit INTEGER NOT NULL DEFAULT 0            -- the newest line of the audit that the log has, too
) STRICT;

CREATE TABLE alarms (                           -- those that are active, and those that ended a moment ago
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    fix TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,                   -- when they were active last
    PRIMARY KEY (name, subject, severity)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarm_channels (                   -- where alarms are reported to, and what was reported there
    name TEXT PRIMARY KEY,
    reported TEXT NOT NULL DEFAULT '[]',        -- JSON: the alarms that are active as far as this channel knows
    next_at INTEGER NOT NULL DEFAULT 0,         -- nobody sends before: the pause between two messages, a retry, a lease
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    error TEXT,
    sent_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (                         -- of the console: who is signed in; signing out removes the row
    digest BLOB PRIMARY KEY,                  -- SHA-256 of the secret in the browser's cookie
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
