"""Totals that are counted as things happen, and the progress of long jobs."""

from __future__ import annotations

from bridge.outbox.counters.counters import totals
from bridge.outbox.counters.hourly_totals import Mark, note_totals, totals_by_hour
from bridge.outbox.counters.jobs import Job, advance_job, end_job, job, open_jobs, start_job

__all__ = [
    "Job",
    "Mark",
    "advance_job",
    "end_job",
    "job",
    "note_totals",
    "open_jobs",
    "start_job",
    "totals",
    "totals_by_hour",
]
