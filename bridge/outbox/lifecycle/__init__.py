"""The age of what is stored: purge, forget, backup, move and what follows a restore."""

from __future__ import annotations

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
from bridge.outbox.lifecycle.purge import (
    Step,
    count_purgeable,
    purge_acts,
    purge_bodies,
    purge_calls,
    purge_events,
    purge_observations,
)

__all__ = [
    "Backup",
    "PersonEvent",
    "Restored",
    "Step",
    "StoredBody",
    "Trace",
    "backup",
    "backups",
    "blank",
    "body_of",
    "count_purgeable",
    "events_of_person",
    "forget_event",
    "mark_restored",
    "move",
    "purge_acts",
    "purge_bodies",
    "purge_calls",
    "purge_events",
    "purge_observations",
    "remember_backup",
    "rewrite_request",
    "settle_restored",
    "traces",
]
