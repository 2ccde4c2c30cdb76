"""Alarms about the service itself and about Zoho."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bridge.config import prefix_of
from bridge.model import DAY_MS, MINUTE_MS, Alarm, AlarmSeverity, DeadReason
from bridge.operations.wording import agreeing, counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.operations.alarms.alarm import AlarmInputs
    from bridge.outbox.operator import ApiStatus, LaneStatus

DELIVERER_SILENT_MS: Final = 30_000
LOW_BYTES: Final = 1_000_000_000
NO_ROOM_BYTES: Final = 1_000_000
"""With fewer free no sign of life can be stored: that no deliverer is seen then says nothing."""

HOLD_OLD_MS: Final = 15 * MINUTE_MS
LATE_MS: Final = 30 * MINUTE_MS
"""A live lead that waits longer for its turn is worth a look."""

OUTAGE_FAILURES: Final = 8
"""So many failures in a row are some twenty minutes without an answer."""

OTHERS_RESERVED: Final = frozenset({"subscribe", "trigger"})
"""The APIs with a setting that leaves calls to other programs."""

RECONCILED_MS: Final = 8 * DAY_MS
"""How long a reconciliation says something, where none follows it."""

IGNORED_LEAST: Final = 20
IGNORED_SHARE: Final = 0.8

DECIDED: Final = frozenset(
    {
        DeadReason.CANCELLED,
        DeadReason.UNCONFIRMED,
        DeadReason.PREREQUISITE,
        DeadReason.WITHDRAWN,
        DeadReason.OVERTAKEN,
    }
)
"""Ends that ask for no decision of their own."""


def unwritable(error: str) -> Alarm:
    """The alarm for an outbox that cannot be used: then there are no inputs either."""
    return Alarm(
        name="outbox_unwritable",
        subject="outbox",
        severity=AlarmSeverity.CRITICAL,
        message=error,
        fix="look at LEADBRIDGE_DATABASE_URL, its disk and the database server; senders try again meanwhile",
    )


def low_below(total: int) -> int:
    """The free bytes below which a disk of so many is nearly full: a gigabyte, of a small disk a tenth."""
    return min(LOW_BYTES, total // 10)


def about_the_disk(inputs: AlarmInputs) -> Iterator[Alarm]:
    """The disk of a SQLite outbox, before it is full."""
    disk = inputs.disk
    if disk is None or disk.free >= low_below(disk.total):
        return
    yield Alarm(
        name="disk_low",
        subject="outbox",
        severity=AlarmSeverity.CRITICAL if disk.free < low_below(disk.total) // 5 else AlarmSeverity.WARNING,
        message=f"{disk.free / 1e6:.0f} MB of {disk.total / 1e6:.0f} MB are free on the outbox's disk",
        fix="free some, or keep bodies for fewer days (LEADBRIDGE_KEEP_BODIES_DAYS): a full disk answers webhooks 503",
    )


def about_the_deliverer(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Whether anybody delivers."""
    seen = inputs.deliverer_seen_at
    if inputs.disk is not None and inputs.disk.free < NO_ROOM_BYTES:
        return
    if seen is None or inputs.now - seen > DELIVERER_SILENT_MS:
        yield Alarm(
            name="deliverer_dead",
            subject="deliverer",
            severity=AlarmSeverity.CRITICAL,
            message="no deliverer has been seen for a while: events are stored, nothing is sent",
            fix="look at the log of `leadbridge serve` or `leadbridge deliver`, and start it",
            since=seen,
        )


def about_tokens(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Accounts whose tokens cannot be refreshed."""
    for account, token in inputs.tokens.items():
        if token.failure and token.failure_permanent:
            yield Alarm(
                name="token_revoked",
                subject=account,
                severity=AlarmSeverity.CRITICAL,
                message=token.failure,
                fix=f"run `leadbridge auth` and set the new {prefix_of(account)}REFRESH_TOKEN; leads wait meanwhile",
                since=token.failed_at,
            )
        elif token.failure and token.expires_at <= inputs.now:
            yield Alarm(
                name="token_failing",
                subject=account,
                severity=AlarmSeverity.WARNING,
                message=token.failure,
                fix="wait: it is tried again by itself; look at Zoho's status if it lasts",
                since=token.failed_at,
            )


def about_an_api(api: ApiStatus, inputs: AlarmInputs) -> Iterator[Alarm]:
    """An API's lock and outage, and its lanes."""
    subject = f"{api.account}/{api.api}"
    if api.locked_until is not None and api.locked_until > inputs.now:
        until = _shown(api.locked_until)
        yield Alarm(
            name="lock",
            subject=subject,
            severity=AlarmSeverity.CRITICAL,
            message=f"{api.api} is locked by Zoho until {until}, although we stayed within our budget",
            fix=f"it ends by itself; find out who else calls this API{_reserved(api)}",
        )
    if api.fails:
        yield Alarm(
            name="outage",
            subject=subject,
            severity=AlarmSeverity.WARNING if api.breaker_failures >= OUTAGE_FAILURES else AlarmSeverity.INFO,
            message=f"{api.api} has failed {counted(api.breaker_failures, 'time')} in a row and is probed",
            fix=f"wait: no lead loses an attempt by it; look at {_whose(api)} status if it lasts{_probed(api)}",
        )
    for lane in api.lanes:
        yield from _lane(api, lane, inputs)


def _reserved(api: ApiStatus) -> str:
    """The setting that leaves calls to other programs, for the APIs that have one."""
    return f", and reserve calls for it: LEADBRIDGE_{api.api.upper()}_OTHERS" if api.api in OTHERS_RESERVED else ""


def _whose(api: ApiStatus) -> str:
    """A sender's host that answers are fetched from has a budget and a breaker, too."""
    return "the sender's" if api.api.startswith("fetch:") else "Zoho's"


def _probed(api: ApiStatus) -> str:
    return "" if api.api.startswith("fetch:") else f"; `leadbridge release {api.api}` probes now"


def _lane(api: ApiStatus, lane: LaneStatus, inputs: AlarmInputs) -> Iterator[Alarm]:
    target = lane.target
    subject = f"{api.api} {target.name}"
    if lane.held_reason and lane.has_leads:
        age = inputs.now - (lane.held_since or inputs.now)
        yield Alarm(
            name="hold",
            subject=subject,
            severity=AlarmSeverity.CRITICAL if age > HOLD_OLD_MS else AlarmSeverity.WARNING,
            message=lane.held_reason,
            fix=f"fix it in Zoho or in the mapping; the lane is probed, or `leadbridge release {lane.lane_id}`",
            since=lane.held_since,
        )
    elif lane.live_since is not None and inputs.now - lane.live_since > LATE_MS:
        yield Alarm(
            name="late",
            subject=subject,
            severity=AlarmSeverity.WARNING,
            message=f"live leads have waited for their turn for {(inputs.now - lane.live_since) // MINUTE_MS} min",
            fix="see `leadbridge status` for the budget, the lock and when it will be empty",
            since=lane.live_since,
        )
    yield from _ignored(subject, lane.lane_id, inputs)


def _ignored(subject: str, lane_id: int, inputs: AlarmInputs) -> Iterator[Alarm]:
    outcomes = inputs.outcomes.get(lane_id, {})
    ignored = sum(count for (outcome, _), count in outcomes.items() if outcome == "ignored")
    if ignored >= IGNORED_LEAST and ignored >= IGNORED_SHARE * sum(outcomes.values()):
        yield Alarm(
            name="journey_ignores",
            subject=subject,
            severity=AlarmSeverity.WARNING,
            message=f"of the last {counted(sum(outcomes.values()), 'lead')} that Zoho took, "
            f"its journey ignored {ignored}",
            fix="look at the journey's criteria and at the list's confirmation mails in Zoho",
        )


def about_withdrawals(inputs: AlarmInputs) -> Iterator[Alarm]:
    """People who left and are not taken off."""
    if stuck := inputs.stuck_withdrawals.values():
        count = sum(number for number, _ in stuck)
        yield Alarm(
            name="withdrawal_stuck",
            subject="withdrawals",
            severity=AlarmSeverity.CRITICAL,
            message=f"{counted(count, 'withdrawal')} not taken by Zoho yet: mail may still go to people who left",
            fix="what waits is retried by itself; `leadbridge list --state dead --api unsubscribe` (or do_not_mail) "
            "names those that Zoho refused: correct the reason, then `leadbridge retry`; or take the people off "
            "in Zoho by hand, then `leadbridge cancel`",
            since=min(since for _, since in stuck),
        )


def about_reconciliations(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Whether what Zoho accepted is in its lists, as far as the service looks after it by itself."""
    last = next(iter(inputs.reconciliations), None)
    if last is not None and last.ended_at is None and last.stopped_at is None and inputs.now - last.started_at > DAY_MS:
        yield Alarm(
            name="reconcile_late",
            subject="lists",
            severity=AlarmSeverity.WARNING,
            message=f"job {last.job_id} has not ended for a day: {last.done} of {counted(last.total or 0, 'delivery')} "
            "compared",
            fix=f"the log's job.failed says why; `leadbridge jobs {last.job_id} --stop` ends it, another one follows",
            since=last.started_at,
        )
    ended = next((job for job in inputs.reconciliations if job.ended_at is not None), None)
    if ended is None or inputs.now - (ended.ended_at or 0) > RECONCILED_MS:
        return
    missing = sum(ended.counts.get(result, 0) for result in ("missing", "no_list"))
    compared = ended.done - ended.counts.get("purged", 0)
    if 100 * missing > float(ended.options["alarm_percent"]) * compared:
        yield Alarm(
            name="leads_missing",
            subject="lists",
            severity=AlarmSeverity.WARNING,
            message=f"of {counted(compared, 'lead')} delivered in the last two days {missing} "
            f"{agreeing(missing, 'is', 'are')} not in the list",
            fix="`leadbridge reconcile --since 2d` names them, and with --retry sends them again; the next run of the "
            "service that is fine ends this",
            since=ended.ended_at,
        )


def about_the_dead(inputs: AlarmInputs) -> Iterator[Alarm]:
    """Dead letters that nobody has decided on, but for withdrawals, which have an alarm of their own."""
    for (api, reason), total in inputs.dead.items():
        count = total - inputs.stuck_withdrawals.get((api, reason), (0, 0))[0]
        if reason in DECIDED or count <= 0:
            continue
        yield Alarm(
            name="dead_letters",
            subject=f"{api} {reason}",
            severity=AlarmSeverity.WARNING,
            message=f"{counted(count, 'delivery')} to {api} given up: {reason}",
            fix=f"`leadbridge list --api {api} --state dead --reason {reason}` names them; then `leadbridge retry`, "
            "`replay` or `cancel` with the same options",
        )


def _shown(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
