"""`python -m benchmarks.scale`: what a step costs with a million waiting events, next to its cost with ten thousand.

Each size has a database of its own, and each step is measured by turns, so that a busy machine slows all down alike.
Each event has a body of 1.5 KB and two deliveries, a subscribe and a trigger that waits for it or,
for every second event, two triggers. Times are medians in milliseconds, commits included.

Then the same of a sender that repeats itself: one lead with 30 and with 5,000 subscribes and triggers that wait.
"""

from __future__ import annotations

import argparse
import secrets
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.databases import KINDS, fresh
from bridge.demo.stage import stage
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
    Response,
    SideEffect,
    Target,
    Transition,
)
from bridge.outbox import Outbox, open_outbox
from bridge.outbox.inbox import record
from bridge.outbox.inbox.batch import record_batch
from bridge.outbox.inbox.rows import rows_of
from bridge.outbox.lifecycle import purge_bodies
from bridge.outbox.operator import find_events, status
from bridge.outbox.queue import claim, finish, lanes, ledger, next_due_at, settle_unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZES = (10_000, 1_000_000)
OF_ONE_LEAD = (30, 5_000)
BODY = b'{"answers":"' + b"x" * 1_486 + b'"}'
SUBSCRIBE = Target(api="subscribe", list_name="Newsletter")
JOURNEYS = [Target(api="trigger", list_name="Newsletter", journey_name="Welcome", sources=str(n)) for n in range(2)]
WAIT: dict[str, Any] = {"window_ms": 300_000, "send_ms": 5_000, "call_ms": 30_000, "lease_ms": 60_000}


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--of-one-lead", type=int, nargs="+", default=list(OF_ONE_LEAD))
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--times", type=int, default=21, help="how often each step is measured")
    options = parser.parse_args()
    for kind in options.databases:
        with ExitStack() as opened:
            urls, outboxes = _opened(opened, kind, options.sizes)
            bytes_ = [_fill_and_weigh(*one) for one in zip(outboxes, urls, options.sizes, strict=True)]
            _print(
                kind,
                options.sizes,
                _measure([_steps(one) for one in outboxes], options.times) | {"bytes an event": bytes_},
            )
            for outbox in outboxes:
                outbox.close()
            print(
                f"  restart with {options.sizes[-1]:,} events to the first call with leads: {_restart(urls[-1]):.1f} s"
            )
        with ExitStack() as opened:
            _, outboxes = _opened(opened, kind, options.of_one_lead)
            for outbox, size in zip(outboxes, options.of_one_lead, strict=True):
                _fill_one_lead(outbox, size)
            steps = [_steps_of_one_lead(outbox) for outbox in outboxes]
            _print(f"{kind}, of one lead", options.of_one_lead, _measure(steps, options.times))


def _opened(stack: ExitStack, kind: str, sizes: Sequence[int]) -> tuple[list[str], list[Outbox]]:
    """As many empty outboxes of a kind, with their addresses."""
    urls = [stack.enter_context(fresh(kind)) for _ in sizes]
    outboxes = [stack.enter_context(closing(open_outbox(url))) for url in urls]
    for outbox in outboxes:
        outbox.migrate()
    return urls, outboxes


def _request(number: int) -> NewRequest:
    lead = f"lead{number}@example.com"
    first = SUBSCRIBE if number % 2 else JOURNEYS[0]
    waits = 1 if number % 2 else None
    deliveries = (
        NewDelivery(action_no=1, target=first, lead=lead, body=_payload(first, lead)),
        NewDelivery(action_no=2, target=JOURNEYS[1], lead=lead, body=_payload(JOURNEYS[1], lead), waits_for=waits),
    )
    return _of(lead, *deliveries)


def _of(lead: str, *deliveries: NewDelivery) -> NewRequest:
    event = NewEvent(
        item=0,
        kind=Kind.SUBMISSION,
        state=EventState.ACCEPTED,
        key=f"id:{secrets.token_hex(12)}",
        lead=lead,
        notes=b"{}",
        deliveries=deliveries,
    )
    return NewRequest(
        hook="form",
        received_at=time.time_ns() // 1_000_000,
        body=BODY,
        content_type="application/json",
        meta=b'{"headers":{"content-type":"application/json"}}',
        mapping_set_id=1,
        events=(event,),
    )


def _payload(target: Target, lead: str) -> bytes:
    if target.api == "trigger":
        return orjson.dumps({"lead_email": lead})
    return orjson.dumps({"Lead Email": lead, "First Name": "Ada", "Last Name": "Lovelace", "Company": "x" * 120})


def _fill_and_weigh(outbox: Outbox, url: str, size: int) -> float:
    """Fill an empty outbox with so many events; how many bytes each takes, without what the empty one took."""
    empty = _bytes(outbox, url)
    fill(outbox, size)
    return (_bytes(outbox, url) - empty) / size


def fill(outbox: Outbox, size: int) -> None:
    """So many events of the hook `form`, each with two deliveries that wait, and the planner's statistics of them."""
    while (have := _last_event(outbox)) < size:
        some = [rows_of(outbox, _request(have + number)) for number in range(min(500, size - have))]
        with outbox.write() as transaction:
            record_batch(outbox, transaction, some)
        if have % 50_000 < 500:
            outbox.checkpoint()
    _settle(outbox)


def _fill_one_lead(outbox: Outbox, size: int) -> None:
    """So many subscribes and triggers of one lead, all waiting, each subscribe with fields of its own."""
    lead = "ada@example.com"
    trigger = NewDelivery(action_no=2, target=JOURNEYS[0], lead=lead, body=_payload(JOURNEYS[0], lead))
    for start in range(0, size, 500):
        bodies = [orjson.dumps({"Company": number}) for number in range(start, min(size, start + 500))]
        subscribes = [NewDelivery(action_no=1, target=SUBSCRIBE, lead=lead, body=body) for body in bodies]
        _receive(outbox, [_of(lead, subscribe, trigger) for subscribe in subscribes])
    _settle(outbox)


def _last_event(outbox: Outbox) -> int:
    newest = find_events(outbox, limit=1)
    return newest[0].event_id if newest else 0


def _settle(outbox: Outbox) -> None:
    """What an hour of running would have done: the statistics of the planner, a short log."""
    with outbox.write() as transaction:
        transaction.connection.execute("ANALYZE")
    outbox.checkpoint()


def _measure(steps: Sequence[dict[str, Callable[[], object]]], times: int) -> dict[str, list[float]]:
    """For each step its median time over each outbox, in milliseconds: all steps in turn, so many times over."""
    taken: dict[str, list[list[float]]] = {name: [[] for _ in steps] for name in steps[0]}
    for _ in range(times):
        for name, times_of_outboxes in taken.items():
            for one, times_of_one in zip(steps, times_of_outboxes, strict=True):
                started = time.perf_counter()
                one[name]()
                times_of_one.append(time.perf_counter() - started)
    return {name: [median(some) * 1000 for some in found] for name, found in taken.items()}


def _steps(outbox: Outbox) -> dict[str, Callable[[], object]]:
    numbers = iter(range(10**9, 2 * 10**9))
    lane = next(one.lane_id for one in lanes(outbox, "default", "trigger", cap=400))
    claims: list[Any] = []
    return {
        "receive one": lambda: record(outbox, _request(next(numbers))),
        "receive 16": lambda: _receive(outbox, [_request(next(numbers)) for _ in range(16)]),
        "look at lanes": lambda: lanes(outbox, "default", "trigger", cap=400),
        "look at ledger": lambda: ledger(outbox, "default", "trigger"),
        "claim 200": lambda: claims.append(_claim(outbox, lane, 200)),
        "finish 200": lambda: _finish(outbox, claims.pop()),
        "claim a subscribe": lambda: claims.append(_claim(outbox, _subscribe_lane(outbox), 1)),
        "finish a subscribe": lambda: _finish(outbox, claims.pop()),
        "next due": lambda: next_due_at(outbox, "default"),
        "status": lambda: status(outbox),
        "show a lead": lambda: find_events(outbox, lead="lead5001@example.com"),
        "purge step": lambda: purge_bodies(outbox, before=2**50, limit=200),
    }


def _steps_of_one_lead(outbox: Outbox) -> dict[str, Callable[[], object]]:
    """What a deliverer does, a subscribe and a trigger at a time; its first look is made before."""
    found = {api: lanes(outbox, "default", api, cap=400)[0].lane_id for api in ("subscribe", "trigger")}
    claims: list[Any] = []
    return {
        "look at subscribes": lambda: lanes(outbox, "default", "subscribe", cap=24),
        "settle unchanged": lambda: settle_unchanged(outbox, found["subscribe"], within_ms=86_400_000),
        "claim a subscribe": lambda: claims.append(_claim(outbox, found["subscribe"], 1, fits=lambda _: 1)),
        "look meanwhile": lambda: lanes(outbox, "default", "subscribe", cap=24),
        "finish a subscribe": lambda: _finish(outbox, claims.pop()),
        "look at triggers": lambda: lanes(outbox, "default", "trigger", cap=400),
        "claim triggers": lambda: claims.append(_claim(outbox, found["trigger"], 200)),
        "finish triggers": lambda: _finish(outbox, claims.pop()),
    }


def _receive(outbox: Outbox, requests: Sequence[NewRequest]) -> None:
    rows = [rows_of(outbox, request) for request in requests]
    with outbox.write() as transaction:
        record_batch(outbox, transaction, rows)


def _subscribe_lane(outbox: Outbox) -> int:
    known = outbox.known_ids["lane", SUBSCRIBE]
    return int(known)


def _claim(outbox: Outbox, lane: int, batch: int, fits: Callable[[Sequence[Any]], int] = len) -> Any:
    found = claim(outbox, lane_id=lane, batch=batch, budget=10**6, deliverer="benchmark", fits=fits, **WAIT)
    assert found is not None
    return found


def _finish(outbox: Outbox, claimed: Any) -> None:
    outcome = Outcome(status=OutcomeStatus.DELIVERED, result="delivered")
    transitions = [
        Transition(delivery_id=one.id, state=DeliveryState.DELIVERED, outcome=outcome, counts=True)
        for one in claimed.deliveries
    ]
    response = Response(effect=Effect.NONE, outcomes=tuple(outcome for _ in transitions), http_status=200)
    finish(
        outbox,
        call_id=claimed.call_id,
        response=response,
        transitions=transitions,
        side_effect=SideEffect(),
        window_ms=WAIT["window_ms"],
    )


def _bytes(outbox: Outbox, url: str) -> int:
    outbox.checkpoint()
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size
    with outbox.read() as transaction:
        row = transaction.connection.execute("SELECT pg_database_size(current_database()) AS size").fetchone()
        return int(row["size"])


def _restart(url: str) -> float:
    """From the start of the command to the first call that carries leads, by the sandbox's clock."""
    started = time.time()
    with stage(settings={"LEADBRIDGE_DATABASE_URL": url}) as running:
        while time.time() - started < 60:
            if any(call["leads"] for call in running.zoho()["calls"]):
                return time.time() - started
            time.sleep(0.02)
    return float("inf")


def _print(kind: str, sizes: Sequence[int], results: dict[str, list[float]]) -> None:
    print(f"\n{kind:<22}" + "".join(f"{f'{size:,}':>12}" for size in sizes) + f"{'ratio':>8}")
    for name, values in results.items():
        print(f"  {name:<20}" + "".join(f"{value:>12.2f}" for value in values) + f"{values[-1] / values[0]:>8.2f}")


if __name__ == "__main__":
    main()
