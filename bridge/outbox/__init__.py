"""The outbox: what was answered is durable here, and every delivery is moved on here. The only place with SQL."""

from __future__ import annotations

from bridge.outbox.counters.counters import totals
from bridge.outbox.counters.hourly_totals import Mark, note_totals, totals_by_hour
from bridge.outbox.counters.jobs import Job, advance_job, end_job, job, open_jobs, start_job
from bridge.outbox.engine.database import Outbox, open_outbox
from bridge.outbox.engine.durability import weak_settings
from bridge.outbox.engine.transaction import Row, Transaction
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
from bridge.outbox.inbox.form_changes import Drift, drifts, note_drift, note_questions
from bridge.outbox.inbox.record import record
from bridge.outbox.inbox.rejections import Rejections, add_rejections, rejections
from bridge.outbox.lifecycle.after_restore import Restored, mark_restored, settle_restored
from bridge.outbox.lifecycle.backup import Backup, backup, backups, remember_backup
from bridge.outbox.lifecycle.forget import (
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
from bridge.outbox.lifecycle.move import move
from bridge.outbox.lifecycle.purge import Step, count_purgeable, purge_bodies, purge_calls, purge_events
from bridge.outbox.operator.cancel import cancel
from bridge.outbox.operator.replay import overtaken_by, store_replay
from bridge.outbox.operator.retry import revive
from bridge.outbox.operator.search import Chosen, Selector, bounds, chosen, newest
from bridge.outbox.operator.similar_leads import near_spellings
from bridge.outbox.operator.status import ApiStatus, LaneStatus, Status, status
from bridge.outbox.operator.timeline import (
    AttemptStory,
    DeliveryStory,
    EventStory,
    StoredRequest,
    find_events,
    request_of,
)
from bridge.outbox.queue.call_window import count_call, ledger
from bridge.outbox.queue.claim import claim
from bridge.outbox.queue.finish import finish
from bridge.outbox.queue.lanes import hold_lane, lanes, next_due_at, release_lane
from bridge.outbox.queue.leases import return_leases
from bridge.outbox.queue.unchanged import settle_unchanged
from bridge.outbox.registry.accounts import (
    StoredToken,
    reject_token,
    snapshot,
    start_refresh,
    store_snapshot,
    store_token,
    store_token_failure,
    token,
)
from bridge.outbox.registry.hooks import known_hook, last_events_by_hook, register_hooks, unregister_hook
from bridge.outbox.registry.leader import recent_outcomes, take_watch
from bridge.outbox.registry.mapping_sets import active_generation, active_mapping_set, ring, store_mapping_set
from bridge.outbox.registry.processes import Process, heartbeat, identity, processes
from bridge.outbox.registry.targets import ensure_api

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
    "return_leases",
    "revive",
    "rewrite_request",
    "ring",
    "settle_restored",
    "settle_unchanged",
    "snapshot",
    "start_job",
    "start_refresh",
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
    "unregister_hook",
    "weak_settings",
]
