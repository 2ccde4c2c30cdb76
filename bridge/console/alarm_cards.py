"""Alarms as pages show them: the fix in words for who has the console in front of them, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import url_for

from bridge.console.page import may
from bridge.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.model import Alarm


class _Way(NamedTuple):
    """What to do about an alarm, and the page for it, if one helps: its endpoint with marks.

    In `fix`, `{fix}` is that of the command line, for who has a shell; in `marks`, `*` is the alarm's hook or API.
    """

    fix: str
    button: str = ""
    endpoint: str = ""
    marks: Mapping[str, str] = MappingProxyType({})


_SHELL: Final = "Who runs this service: {fix}"
_HOOK: Final = {"name": "*"}
_WAITING: Final = {"api": "*", "state": "pending"}
_LATELY: Final = {"hook": "*", "since": "2h"}
_WAYS: Final[Mapping[str, _Way]] = {
    "outbox_unwritable": _Way(_SHELL),
    "disk_low": _Way(_SHELL),
    "deliverer_dead": _Way(f"nothing is lost; what waits is sent once it runs. {_SHELL}"),
    "token_revoked": _Way(f"no lead is lost; what waits is sent once that is done. {_SHELL}"),
    "token_failing": _Way("wait: it is tried again by itself; look at Zoho's status if it lasts"),
    "lock": _Way(
        "it ends by itself, and what waits is sent then: no lead is lost. Find out who else calls this API; who runs "
        "this service can reserve calls for it", "See what waits", "events.overview", _WAITING),
    "hold": _Way(
        "fix it in Zoho or in the mapping; it goes on when it is probed, or at once on the page Trouble",
        "Go to it", "trouble.overview"),
    "outage": _Way(
        "it is probed again and again, and no lead loses an attempt by it; look at the other side's status if it lasts",
        "See what waits", "events.overview", _WAITING),
    "dead_letters": _Way("see why, then retry, replay or cancel them", "See why", "trouble.overview"),
    "withdrawal_stuck": _Way(
        "what waits is retried by itself. Of those that Zoho refused, correct the reason and retry them, or take the "
        "people off in Zoho by hand and cancel them", "See why", "trouble.overview"),
    "leads_missing": _Way(f"its job names them. {_SHELL}", "See the jobs", "jobs.overview"),
    "reconcile_late": _Way(
        "stop it on its page; another one follows. The log's job.failed says why", "See the jobs", "jobs.overview"),
    "late": _Way(
        "see how much of the budget is used, whether the API is locked, and when it will be empty",
        "See the budget", "now.overview"),
    "hook_gone": _Way(_SHELL, "Look at its events", "events.overview", {"hook": "*"}),
    "hook_closed": _Way("its page says what is wrong, and how to fix it", "Look at the hook", "hooks.hook", _HOOK),
    "hook_stale": _Way("its page says what is wrong, and how to fix it", "Look at the hook", "hooks.hook", _HOOK),
    "refused_events": _Way(
        "see why, fix the mapping, then replay or dismiss them", "See why", "trouble.overview"),
    "fetch_paused": _Way(_SHELL, "Look at the hook", "hooks.hook", _HOOK),
    "fetch_late": _Way("see what they wait for", "See them", "events.overview", {"hook": "*", "state": "fetching"}),
    "silent_hook": _Way(
        "look into the sender's log of webhooks, and compare its address with that of the hook",
        "Look at the hook", "hooks.hook", _HOOK),
    "drift": _Way(
        "correct the mapping on the events that came, then replay those since",
        "Look at the hook", "hooks.hook", _HOOK),
    "ignored_rising": _Way("that may be as it should", "See them", "events.overview", {**_LATELY, "state": "ignored"}),
    "rejected_rising": _Way(
        "most often a secret changed on one side; the hook's page says why requests are rejected",
        "See why", "hooks.hook", _HOOK),
    "journey_ignores": _Way("look at the journey's criteria and at the list's confirmation mails in Zoho"),
}  # fmt: skip
"""By the alarm's name; all of them are here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCard:
    """An alarm with what to do about it; `button` is "" where no page helps."""

    alarm: Alarm
    fix: str
    button: str = ""
    url: str = ""


def cards(raised: Iterable[Alarm]) -> tuple[AlarmCard, ...]:
    """Alarms in their order."""
    return tuple(map(_card, raised))


def _card(alarm: Alarm) -> AlarmCard:
    what = alarm.subject.partition(": ")[0].rpartition("/")[2]
    if alarm.name == "drift" and may(Role.OPERATOR):
        fix = _WAYS["drift"].fix
        return AlarmCard(alarm=alarm, fix=fix, button="Fix the mapping", url=url_for("trying.hook", hook=what))
    way = _WAYS[alarm.name]
    fix = way.fix.format(fix=alarm.fix)
    if not way.button or what.startswith("fetch:"):  # the calls to a sender's host are those of no delivery
        return AlarmCard(alarm=alarm, fix=fix)
    marks = {name: what if value == "*" else value for name, value in way.marks.items()}
    return AlarmCard(alarm=alarm, fix=fix, button=way.button, url=url_for(way.endpoint, **marks))  # type: ignore[arg-type]
