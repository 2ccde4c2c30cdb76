"""`leadbridge replay`: stored events through today's mapping again."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click
import orjson

from bridge import config, log
from bridge.cli.command import Command
from bridge.cli.options.actor import audited
from bridge.cli.options.confirmation import agreed, bulk_options, need_choice
from bridge.cli.options.selection import selector_options
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo_line
from bridge.cli.recovery.jobs_in_front import start_and_run
from bridge.errors import LeadbridgeError
from bridge.hooks.hook import Hook
from bridge.model import event_name
from bridge.operations import acts
from bridge.operations.wording import counted
from bridge.outbox import acts as outbox_acts
from bridge.outbox import operator
from bridge.replay.carry_out import correct
from bridge.replay.plan import CHANGES, ReplayDecision
from bridge.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.hooks.hook import Hooks
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Job
    from bridge.outbox.operator import Selector
    from bridge.replay.changes import Change
    from bridge.replay.plan import Plan

MOST_CHANGES: Final = 20
"""So many kinds of changes are summed up."""

LISTED: Final = 100
"""How many events of each kind of exception are listed; `leadbridge jobs JOB` lists all."""


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
@click.option("--diff", is_flag=True, help="Show each change; send nothing.")
@click.option("--again", is_flag=True, help="Also send what is identical to what was sent before.")
@click.option("--journeys", is_flag=True, help="Also start journeys that the event has started before.")
@click.option("--overtaken", is_flag=True, help="Also replay what a later event of the same person has overtaken.")
@click.option("--body", type=click.File("rb"), help="Receive one event's request again with this body; - reads it.")
@click.option("--content-type", metavar="TYPE", help="Receive it again as this kind of body.")
@click.option("--rate", type=click.FloatRange(min=0.01), help="The maximum number of events per second.")
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
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send stored events through today's mapping again.

    With the priority bulk, behind all others. Sends only what differs from what was delivered or is waiting; an
    event's waiting deliveries are cancelled in the same step.
    """
    log.configure(level="error", stream=sys.stderr)
    if body is not None or content_type:
        _receive_corrected(store, selector, body.read() if body is not None else None, content_type)
        return
    need_choice(selector)
    chosen = acts.choose(store, "replay", selector)
    options = {"again": again, "journeys": journeys, "overtaken": overtaken, "rate": rate}
    if diff or dry_run:
        _show(acts.plans(store, _today(store), chosen.ids, acts.replay_options(options)), diff=diff, as_json=as_json)
        return
    total = len(chosen.ids)
    if total and not agreed(f"{counted(total, 'event')} will be replayed.", yes=yes, single=total == 1):
        raise click.Abort
    report(store, start_and_run(store, chosen, options), as_json=as_json)


def report(store: Outbox, job: Job, *, as_json: bool) -> None:
    """What came of a replay, with the events that a person wants to see."""
    listed = [
        {"event": event_name(one.item_id), "decision": one.result}
        for decision in acts.EXCEPTIONS
        for one in outbox_acts.items_of(store, job.job_id, result=decision.value, limit=LISTED)
    ]
    if as_json:
        print_json({"job": job.job_id, "counts": job.counts, "listed": listed})
        return
    for line in listed:
        echo_line(f"{line['event']}  {line['decision']}")
    _print_counts(job.counts, would=False)


def _today(store: Outbox) -> Hooks:
    return acts.todays_hooks(store, config.load(config.environment()).mappings)


def _receive_corrected(store: Outbox, selector: Selector, body: bytes | None, content_type: str | None) -> None:
    """A request that could not be read, with what a person has corrected of it."""
    if selector.event_id is None:
        raise click.UsageError("--body and --content-type take one event: leadbridge replay evt_12 --body FILE")
    stored = operator.request_of(store, selector.event_id)
    if stored is None or stored.body is None:
        raise LeadbridgeError(f"{event_name(selector.event_id)} has no stored request any more")
    today = _today(store)
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
        now=now_ms(),
    )
    audited(store, "replay", subject=event_name(selector.event_id), result="received again, corrected")
    for one in received.events:
        shown = one.as_json()
        reason = f": {shown['reason']}" if "reason" in shown else ""
        echo_line(f"{shown['id']}  {shown['state']}{reason}")


def _show(plans: Iterable[Plan], *, diff: bool, as_json: bool) -> None:
    counts: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    shown = []
    for one in plans:
        counts[one.decision.value] += 1
        alike.update(map(_change, one.changes))
        if as_json:
            shown.append(acts.plan_document(one))
        elif diff and one.decision is not ReplayDecision.SAME:
            _print_plan(one)
    if as_json:
        print_json({"counts": dict(counts), "events": shown if diff else []})
    else:
        if diff and alike:
            _print_summary(alike)
        _print_counts(dict(counts), would=True)


def _print_plan(one: Plan) -> None:
    echo_line(f"{event_name(one.story.event_id)}  {one.decision.value}{f': {one.note}' if one.note else ''}")
    for change in one.changes:
        echo_line(f"  {_change(change)}")


def _print_summary(alike: Counter[str]) -> None:
    """The changes, each once, with how many events it is made in."""
    echo_line("")
    echo_line("All changes, the most frequent first:")
    for change, count in alike.most_common(MOST_CHANGES):
        echo_line(f"  {counted(count, 'event')}  {change}")
    if len(alike) > MOST_CHANGES:
        echo_line(f"  and {counted(len(alike) - MOST_CHANGES, 'other change')}")


def _change(change: Change) -> str:
    return f"{change.path}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: Any) -> str:
    return (
        "(not sent)" if value is None else value if isinstance(value, str) and value else orjson.dumps(value).decode()
    )


def _print_counts(counts: Mapping[str, int], *, would: bool) -> None:
    if not counts:
        echo_line("No event matches.")
    for decision in ReplayDecision:
        if counts.get(decision.value):
            changes = decision in CHANGES
            if_asked = "would be " if would and changes else ""
            echo_line(f"{counted(counts[decision.value], 'event')} {if_asked}{acts.MEANINGS[decision]}")
