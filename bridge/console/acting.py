"""Acts of who is signed in, done by the functions that the commands call, with the same audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.console.page import console, user
from bridge.operations import acts
from bridge.outbox.acts import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.acts import Job
    from bridge.outbox.operator import Selector


def actor() -> Actor:
    """Who is signed in, as the audit names him."""
    return Actor(name=user().name, source="console")


def do_now(act: str, selector: Selector, options: Mapping[str, Any] | None = None) -> Job:
    """Do an act on the few that a selector chooses, and wait for it. Raises LeadbridgeError, OutboxError."""
    store = console().outbox
    job = acts.start(store, acts.choose(store, act, selector), actor=actor(), options=options)
    return acts.run(acts.Parts(store, console().settings.mappings), job.job_id)


def revealed(subject: str) -> None:
    """Write that somebody saw personal data; `subject` names no person but by the lead id of the logs."""
    acts.record(console().outbox, "reveal", actor=actor(), subject=subject)


def release(lane_id: int) -> bool:
    """Let a held lane go on now; False when it is not held."""
    store = console().outbox
    return any(acts.release(store, lane, actor=actor()) for lane in acts.held_now(store) if lane.lane_id == lane_id)
