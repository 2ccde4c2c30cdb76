"""What several folders of tests build alike: requests, events, deliveries, hooks over an outbox."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from bridge.hooks import folder
from bridge.hooks.hook import ClosedHook, Hook, Hooks
from bridge.model import (
    DeliveryState,
    Effect,
    EventState,
    Kind,
    NewDelivery,
    NewEvent,
    NewRequest,
    Outcome,
    OutcomeStatus,
    Request,
    Response,
    SideEffect,
    Target,
    Transition,
)
from bridge.outbox.inbox import record
from bridge.outbox.queue import claim, finish, lanes
from bridge.receiving.receive import Received, find_hook, receive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.hooks.presets import Presets
    from bridge.model import Claim, Receipt
    from bridge.outbox import Outbox

WINDOW_MS = 300_000
SUBSCRIBE = Target(api="subscribe", list_key="newsletter")
TRIGGER = Target(api="trigger", journey_key="welcome", trigger_key="t1")


@cache
def shipped_presets() -> Presets:
    """The presets that ship with the product, read once."""
    return folder.load_presets()


def open_hook(mapping: str, *, name: str = "form", secret: str = "") -> Hook | ClosedHook:
    """The hook of a mapping's text; each secret that it names has the same value."""
    presets = shipped_presets()
    file = folder.judge(mapping, name=name, file=f"{name}.yaml", presets=presets)
    return folder.open_hook(file, presets, lambda _: secret)


def new_request(hook: str, body: Any, *, at: int, **changes: Any) -> Request:
    """A POST to a hook; whatever is no bytes goes as JSON. Headers are added to the content type."""
    headers = {"content-type": "application/json", **changes.pop("headers", {})}
    values: dict[str, Any] = {
        "method": "POST",
        "url": f"http://127.0.0.1/hooks/{hook}",
        "query": {},
        "body": body if isinstance(body, bytes) else orjson.dumps(body),
    }
    return Request(hook=hook, headers=headers, received_at=at, **(values | changes))


def take(request: Request, hooks: Hooks, store: Outbox) -> Received:
    """A request received by the hook that it names, as the receiver does it."""
    hook = find_hook(request.hook, hooks, store)
    return receive(request, hook, store, mapping_set_id=hooks.mapping_set_id)


class HookDriver:
    """One hook over one outbox, whose mapping may change between two webhooks."""

    def __init__(self, store: Outbox, mapping: str, *, name: str = "form", secret: str = "") -> None:
        self.store, self.name, self._secret = store, name, secret
        self.use(mapping)

    def use(self, mapping: str) -> None:
        """Put another mapping in the place of the present one."""
        self.hook = open_hook(mapping, name=self.name, secret=self._secret)
        self.hooks = Hooks(by_name={self.name: self.hook}, mapping_set_id=lambda: 1)

    def receive(self, body: Any, headers: Mapping[str, str] | None = None) -> Received:
        """Take one webhook, as the receiver does."""
        request = new_request(self.name, body, at=self.store.now(), headers=headers or {})
        return take(request, self.hooks, self.store)


class OutboxDriver:
    """Puts deliveries into an outbox and takes them through it, with a default for whatever a test is not about."""

    window_ms = WINDOW_MS
    subscribe = SUBSCRIBE
    trigger = TRIGGER

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self._count = 0

    def request(self, *events: NewEvent, hook: str = "form", body: bytes = b"{}") -> NewRequest:
        return NewRequest(
            hook=hook,
            received_at=self.outbox.now(),
            body=body,
            content_type="application/json",
            meta=b"{}",
            mapping_set_id=None,
            events=events,
        )

    def event(self, *deliveries: NewDelivery, key: str = "", **changes: Any) -> NewEvent:
        self._count += 1
        values: dict[str, Any] = {"item": 0, "kind": Kind.SUBMISSION, "state": EventState.ACCEPTED} | changes
        if values["state"] in (EventState.IGNORED, EventState.REFUSED):
            values.setdefault("reason", "a condition")
        return NewEvent(key=key or f"key-{self._count}", deliveries=deliveries, **values)

    def delivery(self, lead: str = "ada@example.com", target: Target = TRIGGER, **changes: Any) -> NewDelivery:
        values: dict[str, Any] = {"action_no": 1, "body": b"{}"}
        return NewDelivery(lead=lead, target=target, **(values | changes))

    def send(self, lead: str = "ada@example.com", target: Target = TRIGGER, **changes: Any) -> Receipt:
        """Record one event with one delivery."""
        return record(self.outbox, self.request(self.event(self.delivery(lead, target, **changes), lead=lead)))[0]

    def lane(self, target: Target = TRIGGER) -> int:
        """The id of the lane of a target with pending work."""
        found = lanes(self.outbox, target.account, target.api, cap=400)
        return next(lane.lane_id for lane in found if lane.target == target)

    def claim(self, lane_id: int, **changes: Any) -> Claim | None:
        values: dict[str, Any] = {
            "batch": 200,
            "budget": 95,
            "window_ms": WINDOW_MS,
            "send_ms": 10_000,
            "call_ms": 30_000,
            "lease_ms": 60_000,
            "deliverer": "d1",
        }
        return claim(self.outbox, lane_id=lane_id, **(values | changes))

    def claimed(self, lane_id: int, **changes: Any) -> Claim:
        found = self.claim(lane_id, **changes)
        assert found is not None
        return found

    def finish(
        self,
        claim: Claim,
        state: DeliveryState = DeliveryState.DELIVERED,
        side_effect: SideEffect | None = None,
        *,
        answered: bool = True,
        **changes: Any,
    ) -> int:
        """Finish a claim alike for all its deliveries."""
        status = OutcomeStatus.DELIVERED if state is DeliveryState.DELIVERED else OutcomeStatus.RETRY
        outcome = changes.pop("outcome", Outcome(status=status, result=status.value))
        transitions = [
            Transition(**({"delivery_id": one.id, "state": state, "outcome": outcome, "counts": True} | changes))
            for one in claim.deliveries
        ]
        response = Response(
            effect=Effect.NONE, outcomes=tuple(outcome for _ in transitions), http_status=200 if answered else None
        )
        return finish(
            self.outbox,
            call_id=claim.call_id,
            response=response,
            transitions=transitions,
            side_effect=side_effect or SideEffect(),
            window_ms=WINDOW_MS,
        )

    def leads(self, claim: Claim | None) -> list[str]:
        return [delivery.lead for delivery in claim.deliveries] if claim else []
