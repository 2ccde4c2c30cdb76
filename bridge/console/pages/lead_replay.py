"""One event through today's mapping again: every difference first, then, if a person says so, what differs is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request as http
from werkzeug.exceptions import NotFound

from bridge import replay as replaying
from bridge.console.page import Shown, console, to
from bridge.console.pages.leads import is_revealed, page
from bridge.hooks import folder as hooks
from bridge.model import Role, event_name
from bridge.operations.masking import Mask, words_of
from bridge.operations.selection import one
from bridge.outbox import operator
from bridge.replay import CHANGES, Options, Plan, ReplayDecision

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.hooks.hook import Hooks

DECISIONS: Final = {
    ReplayDecision.SEND: "What differs is sent; what of it waits is cancelled in the same step.",
    ReplayDecision.RECEIVE: "The whole request is received again, with all its events.",
    ReplayDecision.FETCH: "Its answers are fetched from the sender, then it is mapped.",
    ReplayDecision.STOP: "Today's mapping does not want it: what of it waits is cancelled.",
    ReplayDecision.SAME: "There is nothing new to send.",
    ReplayDecision.OVERTAKEN: "A later event of the same person is newer than this one.",
    ReplayDecision.REFUSED: "Today's mapping refuses it.",
    ReplayDecision.PURGED: "Its body was purged, so it cannot be read again.",
    ReplayDecision.CLOSED: "Its hook has no usable mapping today.",
    ReplayDecision.IN_FLIGHT: "A call carries a delivery of it just now: try again in a moment.",
}

_OPTIONS: Final = ("again", "journeys", "overtaken")


@page.look("/<what>/replay", role=Role.OPERATOR)
def replay(what: str) -> Shown:
    """What a replay would do with one event, with each difference."""
    planned, today = _planned(what)
    words = words_of(today.texts.get(planned.story.hook, ""))
    mask = Mask(revealed=is_revealed(planned.story), vocabulary=words)
    values = {
        "plan": planned,
        "meaning": DECISIONS[planned.decision],
        "does_something": planned.decision in CHANGES,
        "options": {name: bool(http.args.get(name)) for name in _OPTIONS},
        "mask": mask,
        "event": planned.story,
    }
    changes = [
        {"path": one.path, "before": mask.value(one.before), "after": mask.value(one.after)} for one in planned.changes
    ]
    return Shown("replay.html", values, {"decision": planned.decision.value, "changes": changes})


@page.act("/<what>/replay", role=Role.OPERATOR)
def replay_now(what: str) -> AnyResponse:
    """Carry out what was shown."""
    planned, today = _planned(what)
    decision = replaying.carry_out(planned, console().outbox, mapping_set_id=today.mapping_set_id())
    return to("leads.lead", what=event_name(planned.story.event_id), said=DECISIONS[decision])


def _planned(what: str) -> tuple[Plan, Hooks]:
    """The plan for an event, and the hooks of today that it was made by. Raises NotFound."""
    chosen = one(what)
    store, folder = console().outbox, console().settings.mappings
    stories = operator.find_events(store, **chosen) if "event_id" in chosen else ()
    if not stories:
        raise NotFound(f"there is no event {what}")
    story = stories[0]
    today = hooks.load_hooks(folder, hooks.load_presets(folder), lambda _: "not needed", store)
    options = Options(**{name: bool(http.values.get(name)) for name in _OPTIONS})
    stored = operator.request_of(store, story.event_id)
    return replaying.plan(story, stored, today.by_name.get(story.hook), store, options), today
