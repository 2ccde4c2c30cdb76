"""The outbox: what was answered is durable here, and every delivery is moved on here. The only place with SQL."""

from __future__ import annotations

from bridge.outbox.accounts import (
    StoredToken,
    begin_refresh,
    reject_token,
    snapshot,
    store_snapshot,
    store_token,
    store_token_failure,
    token,
)
from bridge.outbox.backup import Backup, backup, backups, remember_backup
from bridge.outbox.cancel import cancel
from bridge.outbox.claims import claim
from bridge.outbox.counters import totals
from bridge.outbox.database import Outbox, Row, Transaction, open_outbox
from bridge.outbox.drifts import Drift, drifts, note_drift, note_questions
from bridge.outbox.durability import weak_settings
from bridge.outbox.events import record
from bridge.outbox.fetching import (
    FetchBacklog,
    Fetching,
    FetchPause,
    claim_fetches,
    fetch_backlogs,
    fetch_pauses,
    fetched_of,
    hooks_to_fetch,
    pause_fetches,
    put_back,
    resume_fetches,
    store_fetched,
    take_fetch_probe,
)
from bridge.outbox.finish import finish
from bridge.outbox.forgetting import (
    PersonEvent,
    StoredBody,
    Trace,
    blank,
    body_of,
    events_of_person,
    forget_event,
    rewrite_request,
    traces,
)
from bridge.outbox.history import Mark, note_totals, totals_by_hour
from bridge.outbox.hooks import known_hook, last_events_by_hook, register_hooks, retire_hook
from bridge.outbox.jobs import Job, advance_job, begin_job, end_job, job, open_jobs
from bridge.outbox.lanes import hold_lane, lanes, next_due_at, release_lane
from bridge.outbox.leases import return_leases
from bridge.outbox.ledger import count_call, ledger
from bridge.outbox.mapping_sets import active_generation, active_mapping_set, ring, store_mapping_set
from bridge.outbox.move import move
from bridge.outbox.processes import Process, heartbeat, identity, processes
from bridge.outbox.purge import Step, count_purgeable, purge_bodies, purge_calls, purge_events
from bridge.outbox.rejections import Rejections, add_rejections, rejections
from bridge.outbox.replaying import overtaken_by, store_replay
from bridge.outbox.restored import Restored, mark_restored, settle_restored
from bridge.outbox.revive import revive
from bridge.outbox.select import Chosen, Selector, bounds, chosen, newest
from bridge.outbox.spelling import near_spellings
from bridge.outbox.status import ApiStatus, LaneStatus, Status, status
from bridge.outbox.story import AttemptStory, DeliveryStory, EventStory, StoredRequest, find_events, request_of
from bridge.outbox.targets import ensure_api
from bridge.outbox.unchanged import settle_unchanged
from bridge.outbox.watches import recent_outcomes, take_watch

__all__ = [
    "ApiStatus",
    "AttemptStory",
    "Backup",
    "Chosen",
    "DeliveryStory",
    "Drift",
    "EventStory",
    "FetchBacklog",
    "FetchPause",
    "Fetching",
    "Job",
    "LaneStatus",
    "Mark",
    "Outbox",
    "PersonEvent",
    "Process",
    "Rejections",
    "Restored",
    "Row",
    "Selector",
    "Status",
    "Step",
    "StoredBody",
    "StoredRequest",
    "StoredToken",
    "Trace",
    "Transaction",
    "active_generation",
    "active_mapping_set",
    "add_rejections",
    "advance_job",
    "backup",
    "backups",
    "begin_job",
    "begin_refresh",
    "blank",
    "body_of",
    "bounds",
    "cancel",
    "chosen",
    "claim",
    "claim_fetches",
    "count_call",
    "count_purgeable",
    "drifts",
    "end_job",
    "ensure_api",
    "events_of_person",
    "fetch_backlogs",
    "fetch_pauses",
    "fetched_of",
    "find_events",
    "finish",
    "forget_event",
    "heartbeat",
    "hold_lane",
    "hooks_to_fetch",
    "identity",
    "job",
    "known_hook",
    "lanes",
    "last_events_by_hook",
    "ledger",
    "mark_restored",
    "move",
    "near_spellings",
    "newest",
    "next_due_at",
    "note_drift",
    "note_questions",
    "note_totals",
    "open_jobs",
    "open_outbox",
    "overtaken_by",
    "pause_fetches",
    "processes",
    "purge_bodies",
    "purge_calls",
    "purge_events",
    "put_back",
    "recent_outcomes",
    "record",
    "register_hooks",
    "reject_token",
    "rejections",
    "release_lane",
    "remember_backup",
    "request_of",
    "resume_fetches",
    "retire_hook",
    "return_leases",
    "revive",
    "rewrite_request",
    "ring",
    "settle_restored",
    "settle_unchanged",
    "snapshot",
    "status",
    "store_fetched",
    "store_mapping_set",
    "store_replay",
    "store_snapshot",
    "store_token",
    "store_token_failure",
    "take_fetch_probe",
    "take_watch",
    "token",
    "totals",
    "totals_by_hour",
    "traces",
    "weak_settings",
]
