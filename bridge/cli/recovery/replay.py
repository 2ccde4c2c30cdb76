"""`leadbridge replay`: stored events through today's mapping again."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import orjson

from bridge import config, log
from bridge.cli.command import Command
from bridge.cli.options.confirmation import agreed, bulk_options, need_choice
from bridge.cli.options.selection import selector_options
from bridge.cli.output.documents import print_json
from bridge.cli.output.progress import Progress
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import counted
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks
from bridge.hooks.hook import Hook
from bridge.model import DeliveryState, EventState, Kind, Priority, event_name
from bridge.outbox import counters, operator
from bridge.outbox.operator import Selector
from bridge.replay import CHANGES, Options, Plan, ReplayDecision, carry_out, correct, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.hooks.hook import Hooks
    from bridge.outbox import Outbox
    from bridge.outbox.counters import Job


LISTED = (
    ReplayDecision.OVERTAKEN,
    ReplayDecision.REFUSED,
    ReplayDecision.PURGED,
    ReplayDecision.CLOSED,
    ReplayDecision.IN_FLIGHT,
)
"""Decisions that a person wants to see event by event."""


MEANINGS = {
    ReplayDecision.SEND: "sent",
    ReplayDecision.RECEIVE: "received again as whole requests, with all their events",
    ReplayDecision.FETCH: "fetched from their sender, then mapped",
    ReplayDecision.STOP: "stopped: today's mapping does not want them",
    ReplayDecision.SAME: "with nothing new to send",
    ReplayDecision.OVERTAKEN: "overtaken by a later event of the same person (--overtaken sends them all the same)",
    ReplayDecision.REFUSED: "refused by today's mapping",
    ReplayDecision.PURGED: "without a body: it was purged",
    ReplayDecision.CLOSED: "of a hook without a usable mapping",
    ReplayDecision.IN_FLIGHT: "in flight in a call just now: try again",
}


@click.command(
    cls=Command,
    examples=[
        "leadbridge replay evt_12",
        "leadbridge replay --hook webinar --since 3d --diff",
        "leadbridge replay --hook webinar --state refused --yes",
        "leadbridge replay evt_12 --body corrected.json",
    ],
)
@selector_options
@click.option("--diff", is_flag=True, help="Show each change, and do nothing.")
@click.option("--again", is_flag=True, help="Send also what was sent just so before.")
@click.option("--journeys", is_flag=True, help="Start journeys again that an event has started before.")
@click.option("--overtaken", is_flag=True, help="Replay also what a later event of the same person has overtaken.")
@click.option("--body", type=click.File("rb"), help="Receive one event's request again with this body; - reads it.")
@click.option("--content-type", metavar="TYPE", help="Receive it again as this kind of body.")
@click.option("--rate", type=click.FloatRange(min=0.01), help="At most so many events a second.")
@click.option("--resume", type=int, metavar="JOB", help="Go on with a replay that was stopped.")
@bulk_options
def command(
    store: Outbox,
    selector: Selector,
    diff: bool,
    again: bool,
    journeys: bool,
    overtaken: bool,
    body: BinaryIO | None,
    content_type: str | None,
    rate: float | None,
    resume: int | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send stored events through today's mapping again.

    As bulk, which yields to all others. Sends only what differs from what was delivered or waits; what of an event
    waits is cancelled in the same step.
    """
    today = _todays_hooks(store)
    if body is not None or content_type:
        _receive_corrected(store, today, selector, body.read() if body is not None else None, content_type)
        return
    parameters = {
        "selector": _plain(selector),
        "again": again,
        "journeys": journeys,
        "overtaken": overtaken,
        "rate": rate,
    }
    job = _job_to_resume(store, resume) if resume is not None else None
    if job is None:
        need_choice(selector)
    else:
        parameters = dict(job.parameters)
    run = _Run(store, today, parameters, job)
    if diff or dry_run:
        _show(run, diff=diff, as_json=as_json)
        return
    total = run.count()
    if total and not agreed(f"{counted(total, 'event')} will be replayed. Go on?", yes=yes, single=total == 1):
        raise click.Abort
    _print(run.carry_out(total), as_json=as_json)


def _receive_corrected(
    store: Outbox, today: Hooks, selector: Selector, body: bytes | None, content_type: str | None
) -> None:
    """A request that could not be read, with what a person has corrected of it."""
    if selector.event_id is None:
        raise click.UsageError("--body and --content-type take one event: leadbridge replay evt_12 --body FILE")
    stored = operator.request_of(store, selector.event_id)
    if stored is None or stored.body is None:
        raise LeadbridgeError(f"{event_name(selector.event_id)} has no stored request any more")
    hook = today.by_name.get(stored.hook)
    if not isinstance(hook, Hook):
        raise LeadbridgeError(f"hook {stored.hook!r} has no usable mapping")
    (story,) = operator.find_events(store, event_id=selector.event_id)
    received = correct(
        story,
        stored,
        hook,
        store,
        body=stored.body if body is None else body,
        content_type=content_type or stored.content_type,
        mapping_set_id=today.mapping_set_id(),
        now=time.time_ns() // 1_000_000,
    )
    for one in received.events:
        shown = one.as_json()
        reason = f": {shown['reason']}" if "reason" in shown else ""
        echo(f"{shown['id']}  {shown['state']}{reason}")


class _Run:
    """A replay as it was asked for, from its start or from where its job stopped."""

    def __init__(self, store: Outbox, today: Hooks, parameters: dict[str, Any], job: Job | None) -> None:
        self._store = store
        self._today = today
        self._parameters = parameters
        self._job = job
        self._selector = _selector(parameters["selector"])
        self._options = Options(
            **{name: parameters[name] for name in ("again", "journeys", "overtaken")},
        )

    def count(self) -> int:
        """How many events fit."""
        return sum(1 for _ in self._event_ids())

    def plans(self) -> Iterator[Plan]:
        """What would be done, event by event, oldest first."""
        for event_id in self._event_ids():
            (story,) = operator.find_events(self._store, event_id=event_id)
            stored = operator.request_of(self._store, event_id)
            yield plan(story, stored, self._today.by_name.get(story.hook), self._store, self._options)

    def carry_out(self, total: int) -> dict[str, Any]:
        """Do it, remembering after each event how far it is. What cannot be done is listed."""
        first, last = operator.bounds(self._store, self._selector)
        job = self._job or counters.start_job(self._store, "replay", self._parameters, cursor=first, until_id=last)
        self._job = job
        counts, listed = Counter(job.counts), []
        progress = Progress("replayed", total)
        mapping_set_id = self._today.mapping_set_id()
        for done, one in enumerate(self.plans(), start=1):
            expected = counts + Counter({one.decision.value: 1})
            decision = carry_out(one, self._store, mapping_set_id=mapping_set_id, job=(job.job_id, dict(expected)))
            counts[decision.value] += 1
            if decision not in CHANGES:
                counters.advance_job(self._store, job.job_id, cursor=one.story.event_id, counts=dict(counts))
            if decision in LISTED:
                listed.append({"event": event_name(one.story.event_id), "decision": decision.value, "note": one.note})
            progress.reached(done)
            if self._parameters["rate"]:
                time.sleep(1 / self._parameters["rate"])
        counters.end_job(self._store, job.job_id)
        return {"job": job.job_id, "counts": dict(counts), "listed": listed}

    def _event_ids(self) -> Iterator[int]:
        first, last = (self._job.cursor, self._job.until_id) if self._job is not None else (0, sys.maxsize)
        ids = {one.event_id for _, found in operator.chosen(self._store, self._selector) for one in found}
        yield from sorted(one for one in ids if first < one <= last)


def _todays_hooks(store: Outbox) -> Hooks:
    """The hooks of the mapping files as they are now. What is stored was verified on receipt: no secret is needed."""
    log.configure(level="error", stream=sys.stderr)
    folder = config.load(config.environment()).mappings
    return hooks.load_hooks(folder, hooks.load_presets(folder), lambda _: "not needed", store)


def _job_to_resume(store: Outbox, job_id: int) -> Job:
    job = counters.job(store, job_id)
    if job is None or job.kind != "replay":
        raise LeadbridgeError(f"there is no replay {job_id}")
    if job.ended_at is not None:
        raise LeadbridgeError(f"replay {job_id} has come to its end; nothing is left to resume")
    return job


def _plain(selector: Selector) -> dict[str, Any]:
    return {name: value for name, value in asdict(selector).items() if value is not None}


def _selector(plain: dict[str, Any]) -> Selector:
    kinds: dict[str, Callable[[Any], Any]] = {
        "kind": Kind,
        "event_state": EventState,
        "delivery_state": DeliveryState,
        "priority": Priority,
    }
    return Selector(**{name: kinds[name](value) if name in kinds else value for name, value in plain.items()})


def _show(run: _Run, *, diff: bool, as_json: bool) -> None:
    counts: Counter[str] = Counter()
    shown = []
    for one in run.plans():
        counts[one.decision.value] += 1
        if as_json:
            shown.append(_as_object(one))
        elif diff and one.decision is not ReplayDecision.SAME:
            _print_plan(one)
    if as_json:
        print_json({"counts": dict(counts), "events": shown if diff else []})
    else:
        _print_counts(dict(counts), would=True)


def _as_object(one: Plan) -> dict[str, Any]:
    return {
        "event": event_name(one.story.event_id),
        "decision": one.decision.value,
        "note": one.note,
        "deliveries": len(one.event.deliveries) if one.event is not None else 0,
        "changes": [asdict(change) for change in one.changes],
    }


def _print_plan(one: Plan) -> None:
    echo(f"{event_name(one.story.event_id)}  {one.decision.value}{f': {one.note}' if one.note else ''}")
    for change in one.changes:
        echo(f"  {change.path}: {_value(change.before)} -> {_value(change.after)}")


def _value(value: Any) -> str:
    return "(none)" if value is None else value if isinstance(value, str) and value else orjson.dumps(value).decode()


def _print(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    for one in result["listed"]:
        note = f": {one['note']}" if one["note"] else ""
        echo(f"{one['event']}  {one['decision']}{note}")
    _print_counts(result["counts"], would=False)


def _print_counts(counts: dict[str, int], *, would: bool) -> None:
    if not counts:
        echo("No event matches.")
    for decision in ReplayDecision:
        if counts.get(decision.value):
            changes = decision in CHANGES
            if_asked = "would be " if would and changes else ""
            echo(f"{counted(counts[decision.value], 'event')} {if_asked}{MEANINGS[decision]}")
