"""Events that are completed by what their sender's API answers: claims, backlog, pauses."""

from __future__ import annotations

from bridge.outbox.fetching.claims import (
    FetchBacklog,
    FetchClaim,
    claim_fetches,
    complete_fetch,
    fetch_backlogs,
    fetched_of,
    hooks_to_fetch,
    return_fetch,
)
from bridge.outbox.fetching.pauses import FetchPause, acquire_fetch_probe, fetch_pauses, pause_fetches, resume_fetches

__all__ = [
    "FetchBacklog",
    "FetchClaim",
    "FetchPause",
    "acquire_fetch_probe",
    "claim_fetches",
    "complete_fetch",
    "fetch_backlogs",
    "fetch_pauses",
    "fetched_of",
    "hooks_to_fetch",
    "pause_fetches",
    "resume_fetches",
    "return_fetch",
]
