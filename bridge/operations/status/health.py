"""Is it well: one question for the load balancer, one for the monitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bridge.errors import OutboxError
from bridge.hooks.accounts import unserved
from bridge.hooks.hook import ClosedHook
from bridge.model import DEFAULT_ACCOUNT
from bridge.operations.alarms import AlarmInputs, alarms, unwritable
from bridge.operations.alarms.conditions import about_the_deliverer
from bridge.operations.alarms.inputs import deliverers_seen, read_inputs
from bridge.operations.wording import counted
from bridge.outbox import operator, registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.bootstrap import Receiver
    from bridge.model import Alarm
    from bridge.outbox.registry import HookTrouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The state of one dependency: `ok` or not, since when (ms, None if not known), and what to do."""

    name: str
    ok: bool
    detail: str = ""
    since: int | None = None
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every dependency with its state."""

    findings: tuple[Finding, ...]
    alarms: tuple[Alarm, ...] = ()

    @property
    def healthy(self) -> bool:
        """True when everything is."""
        return all(finding.ok for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object, one member a dependency, and the alarms."""
        alarms = [
            {
                "name": alarm.name,
                "subject": alarm.subject,
                "severity": alarm.severity.value,
                "message": alarm.message,
                "fix": alarm.fix,
                "since": _shown(alarm.since) if alarm.since is not None else None,
            }
            for alarm in self.alarms
        ]
        return (
            {"healthy": self.healthy}
            | ({"alarms": alarms} if alarms else {})
            | {
                finding.name: {
                    "ok": finding.ok,
                    **({"detail": finding.detail} if finding.detail else {}),
                    **({"since": _shown(finding.since)} if finding.since is not None else {}),
                    **({"fix": finding.fix} if finding.fix else {}),
                }
                for finding in self.findings
            }
        )


def why_not_ready(receiver: Receiver) -> str | None:
    """Why a webhook posted now could not be accepted, or None. An error at Zoho never counts."""
    try:
        receiver.outbox.check()
    except OutboxError as error:
        return str(error)
    if not any(not isinstance(hook, ClosedHook) for hook in receiver.hooks.by_name.values()):
        return "no hook is open: there is no usable mapping"
    return None


def report(receiver: Receiver, *, now: int) -> Report:
    """The state of the outbox, the hooks, the deliverer and every API with its lock, breaker, holds and token."""
    try:
        receiver.outbox.check()
        return Report(
            findings=(
                Finding(name="outbox", ok=True),
                *_hooks(receiver, registry.hook_troubles(receiver.outbox)),
                _deliverer(receiver, now),
                *_zoho(receiver, now),
            ),
            alarms=alarms(read_inputs(receiver.outbox, receiver.settings.accounts)),
        )
    except OutboxError as error:
        away = unwritable(str(error))
        outbox = Finding(name="outbox", ok=False, detail=away.message, fix=away.fix)
        return Report(findings=(outbox, *_hooks(receiver, ())), alarms=(away,))


def _hooks(receiver: Receiver, troubles: Iterable[HookTrouble]) -> tuple[Finding, ...]:
    """A finding for each hook that does not run as its file says: as this process has it, or as was reported."""
    closed = [hook for hook in receiver.hooks.by_name.values() if isinstance(hook, ClosedHook)]
    findings = [
        Finding(name=f"hook {one.hook}", ok=False, detail=one.problem, since=one.since, fix=one.fix)
        for one in troubles
        if one.hook not in receiver.hooks.stale.keys() | {hook.name for hook in closed}
    ]
    if not receiver.hooks.by_name:
        fix = "put a mapping file into LEADBRIDGE_MAPPINGS"
        findings.append(Finding(name="hooks", ok=False, detail="there is no mapping", fix=fix))
    findings += [
        Finding(name=f"hook {hook.name}", ok=False, detail=hook.problems[0].message, fix=hook.problems[0].fix)
        for hook in closed
    ]
    unknown = unserved(receiver.hooks, tuple(receiver.settings.accounts))
    findings += [
        Finding(name=f"hook {name}", ok=False, detail=problem.message, fix=problem.fix)
        for name, problem in unknown.items()
    ]
    for name, problems in receiver.hooks.stale.items():
        detail = f"its mapping file is bad, and its last good text is used: {problems[0].message}"
        findings.append(Finding(name=f"hook {name}", ok=False, detail=detail, fix="see `leadbridge check`"))
    return tuple(findings) or (Finding(name="hooks", ok=True),)


def _deliverer(receiver: Receiver, now: int) -> Finding:
    seen = max(deliverers_seen(receiver.outbox), default=None)
    gone = next(about_the_deliverer(AlarmInputs(now=now, deliverer_seen_at=seen)), None)
    if gone is None:
        return Finding(name="deliverer", ok=True)
    return Finding(name="deliverer", ok=False, detail=gone.message, since=gone.since, fix=gone.fix)


def _zoho(receiver: Receiver, now: int) -> tuple[Finding, ...]:
    """A finding for each thing that keeps leads from Zoho, or one that says that nothing does."""
    findings = [finding for name in receiver.settings.accounts for finding in _token(receiver, name, now)]
    for api in operator.status(receiver.outbox).apis:
        whose = _whose(api.account)
        if api.locked_until is not None:
            detail = f"{api.api} is locked by Zoho until {_shown(api.locked_until)}"
            findings.append(
                Finding(name=f"{api.api} lock{whose}", ok=False, detail=detail, fix="wait: it ends by itself")
            )
        if api.fails:
            detail = f"{api.api} has failed {counted(api.breaker_failures, 'time')} in a row and is probed"
            findings.append(
                Finding(name=f"{api.api} outage{whose}", ok=False, detail=detail, fix="look at Zoho's status")
            )
        findings.extend(
            Finding(
                name=f"lane {lane.lane_id}",
                ok=False,
                detail=lane.held_reason,
                since=lane.held_since,
                fix="fix the mapping or the account; the lane is probed and goes on by itself",
            )
            for lane in api.lanes
            if lane.held_reason and lane.has_leads
        )
    return tuple(findings) or (Finding(name="zoho", ok=True),)


def _shown(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


def _whose(account: str) -> str:
    """The end of a finding's name, where it is not of the default account."""
    return "" if account == DEFAULT_ACCOUNT else f" of {account}"


def _token(receiver: Receiver, account: str, now: int) -> tuple[Finding, ...]:
    token = registry.token(receiver.outbox, account)
    if token is None or not token.failure:
        return ()
    fix = "see `leadbridge auth`" if token.failure_permanent else "wait: it is tried again by itself"
    ok = token.expires_at > now and not token.failure_permanent
    return (Finding(name=f"token{_whose(account)}", ok=ok, detail=token.failure, since=token.failed_at, fix=fix),)
