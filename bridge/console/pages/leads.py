"""Leads: what happened to one lead, and why; what came of it, and what a replay would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request as http
from werkzeug.exceptions import NotFound

from bridge.console import lead_story, sessions
from bridge.console.acting import do_now, release, revealed
from bridge.console.event_rows import rows_of_chosen, rows_of_stories
from bridge.console.page import Page, Shown, console, to
from bridge.errors import LeadbridgeError
from bridge.model import EventState, Role, event_name
from bridge.operations import acts
from bridge.operations.leads import story
from bridge.operations.masking import Mask
from bridge.operations.selection import one, whole_number
from bridge.outbox import operator, registry

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.outbox.operator import EventStory

page = Page("leads", title="Leads", shortcut="l")

NEWEST: Final = 25
REFUSED: Final = 5
"""How many refused events of each hook are shown to who searches for somebody that is not known."""

_MASK: Final = Mask(revealed=False)
"""In lists nothing is revealed."""


@page.look("")
def overview() -> Shown:
    """Where a lead is searched for, with the newest that came."""
    before = http.args.get("before", "")
    found = operator.newest(console().outbox, operator.Selector(), limit=NEWEST, before=whole_number(before))
    rows = rows_of_chosen(found.found)
    values = {"rows": rows, "mask": _MASK, "older": found.before if rows else None, "is_first": not before}
    return Shown("leads.html", values, {"events": [event_name(one.event_id) for one in rows], "before": found.before})


@page.act("/search", role=Role.VIEWER)
def search() -> AnyResponse | Shown:
    """Go to the lead of an address or an id. An address stands in no URL: the lead's newest event does."""
    wanted = http.form.get("what", "").strip()[:320]
    if not wanted:
        return to("leads.overview")
    try:
        found = story.find(console().outbox, console().settings, wanted)
    except LeadbridgeError:
        return _nothing(wanted, operator.leads_like(console().outbox, wanted), None)
    if not found.events:
        return _nothing(wanted, found.near, found)
    by_event = "@" in wanted or wanted.startswith("lead_")
    return to("leads.lead", what=event_name(found.events[0].event_id) if by_event else wanted)


def _nothing(wanted: str, near: tuple[str, ...], found: story.Found | None) -> Shown:
    """Nobody has this address: near spellings or those that start so, else refused events without any address."""
    store = console().outbox
    events = [event for lead in near for event in operator.find_events(store, lead=lead, limit=1)]
    hooks = () if events else registry.last_events_by_hook(store)
    refused = [
        event
        for hook in hooks
        for event in operator.find_events(store, hook=hook, state=EventState.REFUSED, limit=REFUSED)
        if not event.lead
    ]
    values = {
        "wanted": wanted,
        "rows": rows_of_stories(events),
        "refused": rows_of_stories(refused),
        "found": found,
        "mask": _MASK,
        "MOST_LIKE": operator.MOST_LIKE,
    }
    return Shown("leads_none.html", values)


@page.look("/<what>")
def lead(what: str) -> Shown:
    """One lead's story, by the id of one of its events, deliveries or calls."""
    chosen, events = _events(what)
    if len({event.lead for event in chosen}) > 1:
        return Shown(
            "leads_many.html",
            {"what": what, "rows": rows_of_stories(chosen), "mask": _MASK},
            {"events": [event_name(one.event_id) for one in chosen]},
        )
    return lead_story.of(console(), chosen[0], events, revealed=is_revealed(chosen[0]))


@page.act("/<what>/reveal", role=Role.OPERATOR)
def reveal(what: str) -> AnyResponse:
    """Show this lead's data unmasked in this session; that is recorded."""
    (event, *_), _ = _events(what)
    revealed(lead_key(event))
    sessions.reveal(lead_key(event))
    return to("leads.lead", what=what)


@page.act("/<what>/retry", role=Role.OPERATOR)
def retry(what: str) -> AnyResponse:
    """Try a dead delivery again, with a fresh 72 hours."""
    job = do_now("retry", operator.Selector(delivery_id=_delivery_id(what)))
    return to("leads.lead", what=what, said=f"{acts.result_of(job).capitalize()}.")


@page.act("/<what>/cancel", role=Role.OPERATOR)
def cancel(what: str) -> AnyResponse:
    """Cancel a delivery that waits."""
    job = do_now("cancel", operator.Selector(delivery_id=_delivery_id(what)))
    return to("leads.lead", what=what, said=f"{acts.result_of(job).capitalize()}.")


@page.act("/<what>/release", role=Role.OPERATOR)
def release_lane(what: str) -> AnyResponse:
    """Let the lane of a delivery go on before its next probe."""
    (event, *_), _ = _events(what)
    lanes = [one.lane_id for one in event.deliveries if one.delivery_id == _delivery_id(what)]
    done = any(release(lane) for lane in lanes)
    return to("leads.lead", what=what, said="The lane goes on." if done else "The lane is not held any more.")


@page.act("/<what>/dismiss", role=Role.OPERATOR)
def dismiss(what: str) -> AnyResponse:
    """Decide that a refused event needs nothing more."""
    (event, *_), _ = _events(what)
    job = do_now("dismiss", operator.Selector(event_id=event.event_id))
    return to("leads.lead", what=what, said=f"{acts.result_of(job).capitalize()}.")


@page.act("/<what>/hide", role=Role.VIEWER)
def hide(what: str) -> AnyResponse:
    """Mask this lead's data again."""
    (event, *_), _ = _events(what)
    sessions.hide(lead_key(event))
    return to("leads.lead", what=what)


def _events(what: str) -> tuple[tuple[EventStory, ...], tuple[EventStory, ...]]:
    """The events that an id chooses, and all of their lead's, newest first. Raises NotFound."""
    if "@" in what:
        raise NotFound("An address stands in no URL here; search for it instead.")
    store = console().outbox
    try:
        chosen = story.events_of(store, what)
    except LeadbridgeError as error:
        raise NotFound(str(error)) from None
    if not chosen:
        raise NotFound(f"{what}: no event, delivery, call or lead has this id.")
    first = chosen[0]
    return chosen, operator.find_events(store, lead=first.lead) if first.lead else (first,)


def _delivery_id(what: str) -> int:
    """Raises NotFound for what is not a delivery's id."""
    try:
        return int(one(what)["delivery_id"])
    except (LeadbridgeError, KeyError):
        raise NotFound(f"there is no delivery {what}") from None


def is_revealed(event: EventStory) -> bool:
    """Whether the data of an event's lead is shown unmasked in this session."""
    return sessions.is_revealed(lead_key(event))


def lead_key(event: EventStory) -> str:
    """What stands for an event's lead in the session and in the audit: nothing personal."""
    return acts.lead_subject(console().outbox, event.lead) if event.lead else event_name(event.event_id)
