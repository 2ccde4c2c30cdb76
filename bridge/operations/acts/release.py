"""Held lanes and failing APIs: what goes on before its next probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.operations.documents import target_name
from bridge.outbox import operator, queue
from bridge.outbox.acts import write_audit

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Actor
    from bridge.outbox.operator import ApiStatus, LaneStatus


def held_now(store: Outbox) -> tuple[LaneStatus, ...]:
    """The lanes that are held."""
    return tuple(lane for api in operator.status(store).apis for lane in api.lanes if lane.held_reason)


def release(store: Outbox, lane: LaneStatus, *, actor: Actor) -> bool:
    """Let a lane go on now; False when it is not held any more. Raises OutboxError."""
    if not queue.release_lane(store, lane.lane_id):
        return False
    write_audit(store, "release", actor=actor, subject=f"lane={lane.lane_id} {lane_subject(lane)}")
    return True


def failing_now(store: Outbox) -> tuple[ApiStatus, ...]:
    """The APIs that fail and wait for a probe; a locked one waits for the end of its lock."""
    status = operator.status(store)
    return tuple(
        api
        for api in status.apis
        if api.breaker_failures and (api.breaker_until or 0) > status.now and api.locked_until is None
    )


def locked_now(store: Outbox) -> tuple[ApiStatus, ...]:
    """The APIs that Zoho has locked: nothing but the end of the lock opens them."""
    return tuple(api for api in operator.status(store).apis if api.locked_until is not None)


def probe(store: Outbox, api: ApiStatus, *, actor: Actor) -> bool:
    """Let an API that fails be probed now; False when it does not wait for that any more. Raises OutboxError."""
    if not queue.probe_api(store, api.account, api.api):
        return False
    write_audit(store, "release", actor=actor, subject=f"api={api.api} account={api.account}")
    return True


def lane_subject(lane: LaneStatus) -> str:
    """Where a lane goes, in words: `Newsletter, subscribe, account default`."""
    return f"{target_name(lane.target)}, {lane.target.api}, account {lane.target.account}"
