"""Requests and their events become durable, each event once."""

from __future__ import annotations

from bridge.outbox.inbox.duplicates import MAY_HAVE_RETURNED
from bridge.outbox.inbox.form_changes import (
    Drift,
    drifts,
    note_drift,
    note_optional,
    note_questions,
    optional_questions,
)
from bridge.outbox.inbox.record import record
from bridge.outbox.inbox.rejections import Rejections, add_rejections, rejections, rejections_by_hour

__all__ = [
    "MAY_HAVE_RETURNED",
    "Drift",
    "Rejections",
    "add_rejections",
    "drifts",
    "note_drift",
    "note_optional",
    "note_questions",
    "optional_questions",
    "record",
    "rejections",
    "rejections_by_hour",
]
