"""One event through today's mapping again: every difference first, then, if a person says so, what differs is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request as http
from werkzeug.exceptions import NotFound

from bridge.console.acting import do_now, newest_job
from bridge.console.lead_story import target_names
from bridge.console.page import Shown, console, to
from bridge.console.pages.leads import is_revealed, page
from bridge.errors import LeadbridgeError
from bridge.model import Role, event_name
from bridge.operations import acts
from bridge.operations.masking import Mask, words_of
from bridge.operations.selection import one
from bridge.outbox import operator
from bridge.replay.plan import CHANGES, ReplayDecision

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.hooks.hook import Hooks
    from bridge.replay.plan import Plan

DECISIONS: Final = {
    ReplayDecision.SEND: "What differs is sent; what of it waits is cancelled in the same step.",
    ReplayDecision.RECEIVE: "The whole request is received again, with all its events.",
    ReplayDecision.FETCH: "Its answers are fetched from the sender, then it is mapped.",
    ReplayDecision.STOP: "Today's mapping does not want it: what of it waits is cancelled.",
    ReplayDecision.SAME: "There is nothing new to send.",
    ReplayDecision.WITHDRAWN: "The person left after this event: nothing sends it again.",
    ReplayDecision.OVERTAKEN: "Newer events of the same person have sent, or will send, all that this one would.",
    ReplayDecision.UNDECIDED: "It says what was sent before the person withdrew: does the person want to be back?",
    ReplayDecision.REFUSED: "Today's mapping refuses it.",
    ReplayDecision.PURGED: "Its body was purged, so it cannot be read again.",
    ReplayDecision.CLOSED: "Its hook has no usable mapping today.",
    ReplayDecision.IN_FLIGHT: "A call carries a delivery of it just now: try again in a moment.",
}


@page.look("/<what>/replay", role=Role.OPERATOR)
def replay(what: str) -> Shown:
    """What a replay would do with one event, with each difference."""
    planned, today = _planned(what)
    words = words_of(today.texts.get(planned.story.hook, "")) | target_names(planned.story)
    mask = Mask(revealed=is_revealed(planned.story), vocabulary=words)
    values = {
        "plan": planned,
        "meaning": DECISIONS[planned.decision],
        "does_something": planned.decision in CHANGES,
        "options": _options(),
        "mask": mask,
        "event": planned.story,
        "newest": newest_job(),
    }
    changes = [
        {"path": one.path, "before": mask.part(one.path, one.before), "after": mask.part(one.path, one.after)}
        for one in planned.changes
    ]
    return Shown("replay.html", values, {"decision": planned.decision.value, "changes": changes})


@page.act("/<what>/replay", role=Role.OPERATOR)
def replay_now(what: str) -> AnyResponse:
    """Carry out what was shown."""
    event_id = _event_id(what)
    job = do_now("replay", operator.Selector(event_id=event_id), _options())
    decision = next(iter(job.counts), ReplayDecision.PURGED.value)
    return to("leads.lead", what=event_name(event_id), said=DECISIONS[ReplayDecision(decision)])


def _event_id(what: str) -> int:
    """Raises NotFound for what is not an event's id."""
    try:
        return int(one(what)["event_id"])
    except (LeadbridgeError, KeyError):
        raise NotFound(f"there is no event {what}") from None


def _options() -> dict[str, bool]:
    return {name: bool(http.values.get(name)) for name in ("again", "journeys", "overtaken")}


def _planned(what: str) -> tuple[Plan, Hooks]:
    """The plan for an event, and the hooks of today that it was made by. Raises NotFound."""
    store = console().outbox
    today = acts.todays_hooks(store, console().settings.mappings)
    for planned in acts.plans(store, today, (_event_id(what),), acts.replay_options(_options())):
        return planned, today
    raise NotFound(f"there is no event {what}")
