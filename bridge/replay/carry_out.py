"""Storing what a replay decided, and receiving a stored request again, also with a corrected body."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from bridge import intake
from bridge.model import WHOLE_REQUEST, Request
from bridge.outbox import acts, operator
from bridge.receiving.receive import record_verified
from bridge.replay.plan import CHANGES, ReplayDecision, settled_event
from bridge.times import now_ms

if TYPE_CHECKING:
    from bridge.hooks.hook import Hook
    from bridge.outbox import Outbox
    from bridge.outbox.operator import EventStory, StoredRequest
    from bridge.receiving.receive import Received
    from bridge.replay.plan import Plan


def carry_out(plan: Plan, store: Outbox, *, mapping_set_id: int | None, job_id: int | None = None) -> ReplayDecision:
    """Store what was planned; the decision that came of it, which is the item's result where there is a job.

    Only those of CHANGES change anything.
    """
    decision = _carry_out(plan, store, mapping_set_id=mapping_set_id, job_id=job_id)
    if job_id is not None and decision not in CHANGES:
        acts.settle_items(store, job_id, {plan.story.event_id: decision.value})
    return decision


def _carry_out(plan: Plan, store: Outbox, *, mapping_set_id: int | None, job_id: int | None) -> ReplayDecision:
    if plan.event is None or plan.decision not in CHANGES:
        return plan.decision
    if plan.request is not None and plan.hook is not None:
        received = receive_again(plan.request, plan.hook, store, mapping_set_id=mapping_set_id, now=now_ms())
        if not _is_read(received, plan.story.event_id):
            return ReplayDecision.REFUSED
    job = None if job_id is None else (job_id, plan.decision.value)
    done = operator.store_replay(store, plan.story.event_id, plan.event, mapping_set_id=mapping_set_id, job=job)
    return plan.decision if done else ReplayDecision.IN_FLIGHT


def correct(
    story: EventStory,
    stored: StoredRequest,
    hook: Hook,
    store: Outbox,
    *,
    body: bytes,
    content_type: str,
    mapping_set_id: int,
    now: int,
) -> Received:
    """Receive the request of an event again with another body, which is not packed, or another content type.

    An event that stands for the whole request is settled with that.
    """
    meta = orjson.loads(stored.meta or b"{}")
    if body != stored.body:
        meta["headers"] = {name: value for name, value in meta.get("headers", {}).items() if name != "content-encoding"}
    corrected = replace(stored, body=body, content_type=content_type, meta=orjson.dumps(meta))
    received = receive_again(corrected, hook, store, mapping_set_id=mapping_set_id, now=now)
    if story.item == WHOLE_REQUEST and _is_read(received, story.event_id):
        operator.store_replay(store, story.event_id, settled_event(), mapping_set_id=mapping_set_id)
    return received


def receive_again(
    stored: StoredRequest, hook: Hook, store: Outbox, *, mapping_set_id: int | None, now: int
) -> Received:
    """Receive a stored request as a new one: it stays authentic, as it was verified.

    All its events are stored, each once by its key, with deliveries that yield to all others.
    """
    meta = orjson.loads(stored.meta or b"{}")
    request = Request(
        hook=hook.name,
        method=meta.get("method", "POST"),
        url="",
        headers={**meta.get("headers", {}), "content-type": stored.content_type},
        query=meta.get("query", {}),
        body=stored.body or b"",
        received_at=now,
    )
    verified = intake.verify(request, intake.NoVerification(), {}, now=now)
    return record_verified(
        hook, verified, store, mapping_set_id=mapping_set_id, received_first_at=stored.received_first_at
    )


def _is_read(received: Received, refused_id: int) -> bool:
    """Whether a request that had been refused as a whole can be read now."""
    return all(one.receipt.event_id != refused_id for one in received.events)
