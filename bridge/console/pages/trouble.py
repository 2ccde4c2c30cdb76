"""Trouble: what did not arrive, grouped by its cause, with the fix and the button."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

from flask import request as http

from bridge.console import acting
from bridge.console.alarm_cards import cards
from bridge.console.page import Page, Shown, console, to
from bridge.errors import LeadbridgeError
from bridge.model import AlarmSeverity, Role, event_name
from bridge.operations import trial
from bridge.operations.alarms import alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.operations.leads import story
from bridge.operations.leads.trouble import held_lanes, troubles
from bridge.operations.masking import Mask
from bridge.operations.selection import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from werkzeug.wrappers import Response as AnyResponse

    from bridge.operations.leads.trouble import Trouble

page = Page("trouble", title="Trouble", shortcut="x")

_GROUPED: Final = frozenset({"dead_letters", "refused_events", "hold"})
"""Alarms whose subjects are shown as groups."""


@page.look("")
def overview() -> Shown:
    """Groups of what was refused or is dead, lanes that are held, and the other alarms about hooks."""
    store, settings = console().outbox, console().settings
    inputs = read_inputs(store, settings.accounts)
    groups = tuple(_masked(troubles(store, story.gates_now(store, settings))))
    held = held_lanes(inputs.apis)
    raised = [one for one in alarms(inputs) if one.name not in _GROUPED and one.severity is not AlarmSeverity.INFO]
    mask = Mask(revealed=False, vocabulary=[one.target for one in held])
    values = {"groups": groups, "held": held, "alarms": cards(raised), "mask": mask}
    document = {
        "groups": [asdict(one) | {"example": event_name(one.example)} for one in groups],
        "held": [asdict(one) for one in held],
        "alarms": [asdict(one) for one in raised],
    }
    return Shown("trouble.html", values, document)


def _masked(groups: Sequence[Trouble]) -> Iterator[Trouble]:
    """The groups, their sentences with the name of the list and the words of the hook's mapping alone."""
    hooks = {one.where for one in groups if one.what == "refused"}
    words = {hook: trial.todays_words(console().settings.mappings, hook) for hook in hooks}
    for one in groups:
        mask = Mask(revealed=False, vocabulary=words.get(one.where, frozenset()) | {one.where})
        yield replace(one, sentence=mask.sentence(one.sentence), fix=mask.sentence(one.fix))


@page.act("/release", role=Role.OPERATOR)
def release() -> AnyResponse:
    """Let a held lane go on before its next probe."""
    lane = whole_number(http.form.get("lane", ""))
    if lane is None:
        raise LeadbridgeError("a lane is a number")
    said = "It goes on now." if acting.release(lane) else "It was not held any more."
    return to("trouble.overview", said=said)
