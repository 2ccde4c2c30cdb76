"""Totals that are counted as things happen."""

from __future__ import annotations

from bridge.outbox.counters.counters import totals
from bridge.outbox.counters.hourly_totals import Mark, note_totals, totals_by_hour

__all__ = [
    "Mark",
    "note_totals",
    "totals",
    "totals_by_hour",
]
