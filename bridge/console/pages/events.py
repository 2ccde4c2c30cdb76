"""Events: everything that came, filtered, and acts on all that match."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import request as http

from bridge.console import acting
from bridge.console.event_rows import rows_of_chosen
from bridge.console.page import Page, Shown, console, to
from bridge.console.pages.lead_replay import DECISIONS
from bridge.errors import LeadbridgeError
from bridge.model import Role, event_name
from bridge.operations import acts
from bridge.operations.documents import page_document
from bridge.operations.masking import Mask, words_of
from bridge.operations.selection import (
    DELIVERY_STATES,
    EVENT_STATES,
    KINDS,
    MARKS,
    PRIORITIES,
    event_id_of,
    is_everything,
    selector_of,
)
from bridge.outbox import operator, registry

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.operations.acts import Choice
    from bridge.outbox.operator import Selector

page = Page("events", title="Events", shortcut="e")

LIMIT: Final = 50
MOST: Final = 100_000
"""How many events one act may be done to from here."""

PLANNED: Final = 100
"""How many replays are planned before a person confirms; what they come to is counted."""

DETAILED: Final = 20
"""How many of these are shown with each difference, the exceptions first."""

_MASK: Final = Mask(revealed=False)
"""In lists nothing is revealed."""

_OPTIONS: Final = ("again", "journeys", "overtaken")


@page.look("")
def overview() -> Shown:
    """The newest events that fit, with what may be done to all that do."""
    given = _given()
    selector = _selector(given)
    before = http.args.get("before", "")
    found = operator.newest(console().outbox, selector, limit=LIMIT, before=event_id_of(before) if before else None)
    values = {
        "rows": rows_of_chosen(found.found),
        "mask": _MASK,
        "given": given,
        "is_everything": is_everything(selector),
        "before": event_name(found.before) if found.before is not None else "",
        "searched_to": found.searched_to,
        "is_first": not before,
        "acts": acts_for(selector),
        "hooks": sorted(name for name, _ in registry.last_events_by_hook(console().outbox).items()),
        "states": (*EVENT_STATES, *DELIVERY_STATES),
        "kinds": tuple(KINDS),
        "priorities": tuple(PRIORITIES),
    }
    document = page_document(found)
    for event in document["events"]:
        event["lead"] = _MASK.text(event["lead"])
    return Shown("events.html", values, document)


@page.act("/preview", role=Role.OPERATOR)
def preview() -> Shown:
    """What an act would be done to, with the exceptions and, of replays, the first differences."""
    given = _given()
    return _preview(given, _choice(given), "")


@page.act("/start", role=Role.OPERATOR)
def start() -> AnyResponse | Shown:
    """Do it, unless what it would be done to has changed since it was shown."""
    given = _given()
    chosen = _choice(given)
    if str(len(chosen.ids)) != http.form.get("expected"):
        return _preview(given, chosen, "Meanwhile the number has changed. Look again, and confirm.")
    if not chosen.ids:
        return to("events.overview", **_marks(given))
    options = {name: bool(http.form.get(name)) for name in _OPTIONS} if chosen.act == "replay" else {}
    job, is_new = acting.start(chosen, options)
    console().notify_jobs()
    said = "Started. It goes on when this page is closed." if is_new else "This was started already, and not again."
    return to("jobs.job", number=job.job_id, said=said)


def acts_for(selector: Selector) -> tuple[str, ...]:
    """What may be done to what a selector chooses, the likeliest first."""
    if selector.event_state is not None:
        return {"refused": ("replay", "dismiss")}.get(selector.event_state.name.lower(), ("replay",))
    if selector.delivery_state is not None:
        return {"dead": ("retry", "replay", "cancel")}.get(selector.delivery_state.name.lower(), ("cancel", "replay"))
    return ("replay", "retry", "cancel", "dismiss")


def _given() -> dict[str, str]:
    """The marks of the request, as texts."""
    return {name: http.values.get(name, "").strip()[:200] for name in ("what", *MARKS)}


def _selector(given: dict[str, str]) -> Selector:
    """Raises LeadbridgeError: an address stands in no URL, so a lead is searched for on its own page."""
    if "@" in given["what"]:
        raise LeadbridgeError("an address stands in no URL here; search for it on the page Leads")
    return selector_of(given, now=console().outbox.now())


def _marks(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


def _times(selector: Selector) -> dict[str, str]:
    """The times of a selector as such: what `2h` chooses must not change while a person reads what that is."""
    times = {"since": selector.since, "until": selector.until}
    return {
        name: datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
        for name, at in times.items()
        if at is not None
    }


def _choice(given: dict[str, str]) -> Choice:
    act = http.form.get("act", "")
    if act not in ("retry", "replay", "cancel", "dismiss"):
        raise LeadbridgeError(f"there is no act {act!r}")
    return acts.choose(console().outbox, act, _selector(given), most=MOST)


def _preview(given: dict[str, str], chosen: Choice, changed: str) -> Shown:
    options = {name: bool(http.form.get(name)) for name in _OPTIONS}
    values: dict[str, Any] = {
        "given": _marks(given) | _times(_selector(given)),
        "newest": acting.newest_job(),
        "chosen": chosen,
        "act": acts.ACTS[chosen.act],
        "changed": changed,
        "options": options,
        "outcomes": acting.OUTCOMES,
        "meanings": DECISIONS,
        **(_plans(chosen, options) if chosen.act == "replay" else {}),
    }
    return Shown("events_act.html", values)


def _plans(chosen: Choice, options: dict[str, bool]) -> dict[str, Any]:
    """What the newest come to, and the first of them with the words of their mappings, which may be shown."""
    store = console().outbox
    today = acts.todays_hooks(store, console().settings.mappings)
    newest = chosen.ids[: -PLANNED - 1 : -1]
    plans = list(acts.plans(store, today, newest, acts.replay_options(options)))
    plans.sort(key=lambda one: one.decision not in acts.EXCEPTIONS)
    words = {name: words_of(text) for name, text in today.texts.items()}
    masks = [Mask(revealed=False, vocabulary=words.get(one.story.hook, ())) for one in plans[:DETAILED]]
    counts = Counter(one.decision.value for one in plans)
    return {"planned": len(plans), "counts": counts, "plans": list(zip(plans[:DETAILED], masks, strict=True))}
