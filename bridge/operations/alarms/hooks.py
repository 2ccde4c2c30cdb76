"""Alarms about what comes in: forms that changed, hooks that went silent, shares that rise."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bridge.model import DAY_MS, HOUR_MS, MINUTE_MS, Alarm, AlarmSeverity
from bridge.operations.wording import agreeing, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.operations.alarms.alarm import AlarmInputs, HookHistory
    from bridge.outbox.inbox import Drift

REGULAR_HOURS: Final = 12
REGULAR_SPAN_HOURS: Final = 72
"""A hook is regular once it had events in so many hours over so long a time: nights and a day or two are in it."""

RISING_LEAST: Final = 5
RISING_SHARE: Final = 0.2
RISING_TIMES: Final = 3
KNOWN_EVENTS: Final = 20

BUSY_MS: Final = 14 * DAY_MS
"""A hook to which something came within this time is in use."""

FETCH_LATE_MS: Final = 30 * MINUTE_MS

DRIFT_NOTED_EVERY_MS: Final = MINUTE_MS
"""A drift is noted for some events only, so the last note may be so much older than the last event."""


def about_troubles(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Hooks that do not run as their files say. One that answers 503 and is in use pages somebody."""
    in_use = _in_use(inputs)
    for one in inputs.troubles:
        loses = one.status != "stale" and one.hook in in_use
        yield Alarm(
            name=f"hook_{one.status}",
            subject=one.hook,
            severity=AlarmSeverity.CRITICAL if loses else AlarmSeverity.WARNING,
            message=one.problem if one.status != "stale" else f"it runs on its last good text: {one.problem}",
            fix=one.fix,
            since=one.since,
        )


def _in_use(inputs: AlarmInputs) -> set[str]:
    """The hooks that had an event, or had to turn a request away, within `BUSY_MS`."""
    since = inputs.now - BUSY_MS
    had_events = {hook for hook, last in inputs.last_events.items() if last is not None and last > since}
    return had_events | {one.hook for one in inputs.hooks if any(hour > since // HOUR_MS for hour in one.rejected)}


def about_refused_events(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Events that should have become leads and did not, until somebody decides. Where a form drifted, that is said."""
    drifted = {drift.hook for drift in _active_drifts(inputs)}
    for hook, count in inputs.refused.items():
        if count > 0 and hook not in drifted:
            chosen = f"--hook {hook} --state refused"
            yield Alarm(
                name="refused_events",
                subject=hook,
                severity=AlarmSeverity.WARNING,
                message=f"{count} of its events {agreeing(count, 'is', 'are')} refused",
                fix=f"`leadbridge list {chosen}` says why; fix the mapping and `leadbridge replay {chosen}`, or "
                f"dismiss them: `leadbridge cancel {chosen}`",
            )


def about_drifts(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Questions that a form lacks, and the events that are refused meanwhile."""
    for drift in _active_drifts(inputs):
        close = f"; the form asks {drift.closest!r}" if drift.closest else ""
        refused = inputs.refused.get(drift.hook, 0)
        lost = f", and {counted(refused, 'event')} of the hook {agreeing(refused, 'is', 'are')} refused"
        yield Alarm(
            name="drift",
            subject=f"{drift.hook}: {drift.question}",
            severity=AlarmSeverity.CRITICAL if refused else AlarmSeverity.WARNING,
            message=f"the form has no question {drift.question!r} any more{close}{lost if refused else ''}",
            fix=f"correct {drift.place}, then `leadbridge replay --hook {drift.hook} --since {_since(drift)} --diff`"
            + (f"; `leadbridge list --hook {drift.hook} --state refused` says why each was refused" if refused else ""),
            since=drift.first_at,
        )


def _active_drifts(inputs: AlarmInputs) -> Iterator[Drift]:
    """Only while the hook's newest event lacked the question too, under the mappings active."""
    for drift in inputs.drifts:
        newest = inputs.last_events.get(drift.hook) or 0
        if drift.mapping_set_id == inputs.mapping_set_id and drift.last_at >= newest - 2 * DRIFT_NOTED_EVERY_MS:
            yield drift


def _since(drift: Drift) -> str:
    """A time before the first event that lacked the question, as `--since` takes it."""
    return f"{datetime.fromtimestamp(drift.first_at // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def about_fetches(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Senders of ids only that cannot be asked for their answers."""
    for pause in inputs.fetch_pauses:
        yield Alarm(
            name="fetch_paused",
            subject=pause.hook,
            severity=AlarmSeverity.CRITICAL,
            message=pause.reason,
            fix="set the variable of the mapping's `fetch: {token: ...}` to a good token; the events wait meanwhile",
            since=pause.since,
        )
    paused = {pause.hook for pause in inputs.fetch_pauses}
    for waiting in inputs.fetch_backlogs:
        if waiting.hook not in paused and inputs.now - waiting.oldest_at > FETCH_LATE_MS:
            yield Alarm(
                name="fetch_late",
                subject=waiting.hook,
                severity=AlarmSeverity.WARNING,
                message=f"{counted(waiting.events, 'event')} without answers yet, the oldest for "
                f"{(inputs.now - waiting.oldest_at) // MINUTE_MS} min",
                fix=f"`leadbridge list --hook {waiting.hook} --state fetching`, and `leadbridge show` one of them",
                since=waiting.oldest_at,
            )


def about_a_hook(hook: HookHistory, inputs: AlarmInputs) -> Iterator[Alarm]:
    """Silence, and shares that rise, measured by the hook's own past. A closed hook rejects all, as was said."""
    yield from _silent(hook, inputs.now)
    yield from _rising(hook, inputs.now)
    if not any(one.hook == hook.hook and one.status != "stale" for one in inputs.troubles):
        yield from _rejected(hook, inputs.now)


def _silent(hook: HookHistory, now: int) -> Iterator[Alarm]:
    active = sorted(hour for hour, counts in hook.hours.items() if sum(counts.values()))
    if len(active) < REGULAR_HOURS or active[-1] - active[0] < REGULAR_SPAN_HOURS:
        return
    longest = max(later - earlier for earlier, later in pairwise(active))
    silence = now // HOUR_MS - active[-1]
    if silence > longest + max(1, longest // 2):
        yield Alarm(
            name="silent_hook",
            subject=hook.hook,
            severity=AlarmSeverity.WARNING,
            message=f"nothing came for {silence} h; its longest silence before was {longest} h",
            fix="send a test from the sender; see its webhook log, and `leadbridge hooks` for the URL",
            since=(active[-1] + 1) * HOUR_MS,
        )


def _rising(hook: HookHistory, now: int) -> Iterator[Alarm]:
    this_hour = now // HOUR_MS
    lately, before = Counter[str](), Counter[str]()
    for hour, counts in hook.hours.items():
        (lately if hour >= this_hour - 1 else before).update(counts)
    count = lately["ignored"]  # of the refused each is an alarm until somebody decides
    if _is_rising(count, lately.total(), before["ignored"], before.total()):
        yield Alarm(
            name="ignored_rising",
            subject=hook.hook,
            severity=AlarmSeverity.WARNING,
            message=f"{count} of the last {counted(lately.total(), 'event')} {agreeing(count, 'was', 'were')} ignored",
            fix=f"`leadbridge list --hook {hook.hook} --state ignored --since 2h` says why",
        )


def _rejected(hook: HookHistory, now: int) -> Iterator[Alarm]:
    this_hour = now // HOUR_MS
    events = Counter[bool]()
    for hour, counts in hook.hours.items():
        events[hour >= this_hour - 1] += sum(counts.values())
    lately = sum(count for hour, count in hook.rejected.items() if hour >= this_hour - 1)
    before = sum(hook.rejected.values()) - lately
    if _is_rising(lately, lately + events[True], before, before + events[False]):
        yield Alarm(
            name="rejected_rising",
            subject=hook.hook,
            severity=AlarmSeverity.WARNING,
            message=f"{lately} of the last {counted(lately + events[True], 'request')} "
            f"{agreeing(lately, 'was', 'were')} rejected",
            fix="the log's request.rejected says why; most often a secret changed on one side",
        )


def _is_rising(count: int, total: int, before: int, total_before: int) -> bool:
    """A share that is large, and several times what it was; without a past, more than half."""
    if count < RISING_LEAST or not total:
        return False
    share = count / total
    if total_before < KNOWN_EVENTS:
        return share > 0.5
    return share >= max(RISING_SHARE, RISING_TIMES * before / total_before)
