"""A person is erased from the outbox, after it was said what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import NotFound

from bridge.console import acting
from bridge.console.page import Shown, console, to
from bridge.console.pages.leads import is_revealed, page
from bridge.model import Role, event_name
from bridge.operations import acts
from bridge.operations.masking import Mask
from bridge.operations.selection import event_id_of
from bridge.outbox import lifecycle, operator

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.outbox.operator import EventStory


@page.look("/<what>/forget", role=Role.ADMIN)
def forget(what: str) -> Shown:
    """What forgetting the lead of an event means: how many events, and which backups it does not reach."""
    event = _event(what)
    events = lifecycle.events_of_person(console().outbox, event.lead)
    backups = lifecycle.backups(console().outbox)
    values = {
        "event": event,
        "mask": Mask(revealed=is_revealed(event)),
        "events": len(events),
        "backups": [one.path for one in backups if one.is_seen],
    }
    return Shown("forget.html", values, {"event": event_name(event.event_id), "events": len(events)})


@page.act("/<what>/forget", role=Role.ADMIN)
def forget_now(what: str) -> AnyResponse:
    """Start the job that erases everything of the person."""
    event = _event(what)
    chosen = acts.choose(console().outbox, "forget", operator.Selector(event_id=event.event_id))
    job = acts.start(console().outbox, chosen, actor=acting.actor())
    console().notify_jobs()
    return to("jobs.job", number=job.job_id, said="Started. It reads every row, so it takes its time.")


def _event(what: str) -> EventStory:
    """The event that names the person. Raises NotFound, and LeadbridgeError for what is not an event's id."""
    stories = operator.find_events(console().outbox, event_id=event_id_of(what))
    if not stories or not stories[0].lead:
        raise NotFound(f"{what}: there is no event of this id that has an address.")
    return stories[0]
