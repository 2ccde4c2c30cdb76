"""Alarms as pages show them: the fix in words for who has the console in front of them, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import url_for

from bridge.console.page import may
from bridge.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.operations.alarms import Alarm


class _Way(NamedTuple):
    """What to do about an alarm, and the page for it: its endpoint with marks, in which `*` is the alarm's hook."""

    fix: str
    button: str
    endpoint: str
    marks: Mapping[str, str]


_HOOK: Final = {"name": "*"}
_WAYS: Final[Mapping[str, _Way]] = {
    "dead_letters": _Way("see why, then retry, replay or cancel them", "See why", "trouble.overview", {}),
    "refused_events": _Way(
        "see why, fix the mapping, then replay or dismiss them", "See why", "trouble.overview", {}
    ),
    "hold": _Way(
        "fix it in Zoho or in the mapping; it goes on when it is probed, or at once on the page Trouble",
        "Go to it",
        "trouble.overview",
        {},
    ),
    "silent_hook": _Way(
        "look into the sender's log of webhooks, and compare its address with that of the hook",
        "Look at the hook",
        "hooks.hook",
        _HOOK,
    ),
    "rejected_rising": _Way(
        "most often a secret changed on one side; the hook's page says why requests are rejected",
        "See why",
        "hooks.hook",
        _HOOK,
    ),
    "refused_rising": _Way(
        "see why, and fix the mapping", "See them", "events.overview", {"hook": "*", "state": "refused", "since": "2h"}
    ),
    "ignored_rising": _Way(
        "that may be as it should", "See them", "events.overview", {"hook": "*", "state": "ignored", "since": "2h"}
    ),
    "drift": _Way(
        "correct the mapping on the events that came, then replay those since", "Look at the hook", "hooks.hook", _HOOK
    ),
    "fetch_late": _Way(
        "see what they wait for", "See them", "events.overview", {"hook": "*", "state": "fetching"}
    ),
}  # fmt: skip
"""By an alarm's name. One that is not here is shown with the fix of the command line."""


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
    hook = alarm.subject.partition(":")[0]
    if alarm.name == "drift" and may(Role.OPERATOR):
        fix = _WAYS["drift"].fix
        return AlarmCard(alarm=alarm, fix=fix, button="Fix the mapping", url=url_for("trying.hook", hook=hook))
    way = _WAYS.get(alarm.name)
    if way is None and alarm.name.startswith("hook_"):
        way = _Way(alarm.fix, "Look at the hook", "hooks.hook", _HOOK)
    if way is None:
        return AlarmCard(alarm=alarm, fix=alarm.fix)
    marks = {name: hook if value == "*" else value for name, value in way.marks.items()}
    return AlarmCard(alarm=alarm, fix=way.fix, button=way.button, url=url_for(way.endpoint, **marks))  # type: ignore[arg-type]
