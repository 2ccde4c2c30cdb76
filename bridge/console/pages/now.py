"""Now: what needs a person, what waits, the calls of each window, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge import bootstrap, zoho
from bridge.console.alarm_cards import cards
from bridge.console.page import Page, Shown, console
from bridge.model import Priority
from bridge.operations.alarms import alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.operations.status.document import status_document
from bridge.operations.status.service_status import service_status
from bridge.operations.status.traffic import traffic_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

page = Page("now", title="Now", shortcut="n")

CAP: Final = 1_000
"""Where counts of deliveries stop."""

_WIDTH, _HEIGHT = 360, 40
"""Of a drawn line: a unit for each hour of 15 days."""


@page.look("")
def overview() -> Shown:
    """How things stand, as `leadbridge status` has it, and what each hook received."""
    store, settings = console().outbox, console().settings
    state = service_status(store, bootstrap.limits(settings), cap=CAP)
    inputs = read_inputs(store, settings.accounts)
    raised = alarms(inputs)
    hooks = [traffic_of(history, now=inputs.now) for history in inputs.hooks]
    values = {
        "service": state,
        "now": state.status.now,
        "cap": CAP,
        "alarms": cards(raised),
        "apis": [api for api in state.status.apis if zoho.carries_leads(api.api)],
        "other_apis": [api for api in state.status.apis if not zoho.carries_leads(api.api)],
        "priorities": tuple(Priority),
        "accounts": settings.accounts,
        "hooks": [
            (one, _lines(one.hours), _lines({"rejected": one.rejected} if any(one.rejected) else {})) for one in hooks
        ],
    }
    return Shown("now.html", values, status_document(state, raised, settings.accounts))


def _lines(values: Mapping[str, Sequence[int]]) -> list[tuple[str, str]]:
    """The names, and the points of the lines through their values, all of one scale."""
    top = max((max(some, default=0) for some in values.values()), default=0) or 1
    return [(name, line_of(some, top)) for name, some in values.items()]


def line_of(values: Sequence[int], top: int) -> str:
    """The points of a drawn line through some values of at most `top`, as SVG has them."""
    step = _WIDTH / max(len(values) - 1, 1)
    return " ".join(
        f"{at * step:.1f},{_HEIGHT - 2 - value / top * (_HEIGHT - 4):.1f}" for at, value in enumerate(values)
    )
