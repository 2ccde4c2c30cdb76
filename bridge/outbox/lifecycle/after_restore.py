"""An outbox that was brought back from a copy does not know what happened after the copy was made.

Calls may have been sent since, so every window counts as full from its first use on; and deliveries that were open in
the copy may have reached Zoho since, so they may reach it twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.outbox.registry.targets import api_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.engine.database import Outbox

CAP = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A copy that is used for the first time: when it was made, and how many open deliveries may be sent twice."""

    copied_at: int
    open_count: int


def settle_restored(outbox: Outbox, limits: Mapping[tuple[str, str], tuple[int, int]]) -> Restored | None:
    """Fill the windows of a copy at its first use; None for an outbox that is not a copy, or was used since.

    `limits` gives, for each account and API, the calls of a window and its length in milliseconds.
    """
    if not outbox.is_file:
        _note_home(outbox)
    with outbox.read() as transaction:
        if transaction.needed_row("copied_at")["copied_at"] is None:
            return None
    ids = {api_id(outbox, *place): limit for place, limit in limits.items()}
    with outbox.write() as transaction:
        copied_at = transaction.needed_row("copied_at")["copied_at"]
        if copied_at is None:
            return None  # another process was quicker
        now = transaction.now()
        for api, (calls, window_ms) in ids.items():
            transaction.run_many("fill_window", [{"api_id": api, "now": now, "counts_until": now + window_ms}] * calls)
        count = transaction.needed_row("open_total", cap=CAP)["total"]
        transaction.run("mark_copied", copied_at=None)
    return Restored(copied_at=copied_at, open_count=count)


def _note_home(outbox: Outbox) -> None:
    """Mark a PostgreSQL outbox whose tables are not those that it was used in last: a dump was brought back.

    What copies the server's files keeps the tables' numbers, so it is not noticed: `mark_restored` is for that.
    """
    with outbox.read() as transaction:
        home = transaction.needed_row("home")
    if home["noted"] == home["here"]:
        return
    with outbox.write() as transaction:
        transaction.needed_row("hold_about")  # of processes that start together, one marks it
        home = transaction.needed_row("home")
        if home["noted"] not in (None, home["here"]):
            transaction.run("mark_copied", copied_at=transaction.now())
        transaction.run("note_home")


def mark_restored(outbox: Outbox) -> None:
    """Say that this outbox was brought back from a copy that says nothing of it: a database server's own backup."""
    with outbox.write() as transaction:
        transaction.run("mark_copied", copied_at=transaction.now())
