"""Acts of who is signed in, done by the functions that the commands call, with the same audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.console.page import console, user
from bridge.operations import acts
from bridge.operations.documents import target_name
from bridge.outbox import operator, queue
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
    held = {lane.lane_id: lane.target for api in operator.status(store).apis for lane in api.lanes if lane.held_reason}
    if lane_id not in held or not queue.release_lane(store, lane_id):
        return False
    target = held[lane_id]
    where = f"lane={lane_id} {target_name(target)}, {target.api}, account {target.account}"
    acts.record(store, "release", actor=actor(), subject=where)
    return True
