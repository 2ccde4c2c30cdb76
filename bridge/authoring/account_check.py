"""A mapping held against the account it sends to, as it was when last read: names, lengths, what may surprise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.documents import did_you_mean
from bridge.expressions import comparable
from bridge.model import Problem, Severity, pull_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bridge.mapping import Action, Field, HookMapping, Place
    from bridge.zoho import MailingList, Snapshot


def check_fit(mapping: HookMapping, snapshot: Snapshot) -> list[Problem]:
    """What of a mapping does not fit the account. Only what is written in it can be judged, not what comes by event."""
    problems: list[Problem] = []
    for field in (*mapping.lead, *(field for action in mapping.actions for field in action.fields)):
        problems += _field(field, snapshot)
    for action in mapping.all_actions:
        problems += _names("list", action, snapshot.lists, mapping.account)
        problems += _tags(action, snapshot.tags, mapping.account)
        problems += _names("journey", action, snapshot.journeys, mapping.account)
        if action.api == "trigger":
            problems += _trigger_keys(action, snapshot)
    problems += _surprises(mapping.actions, snapshot)
    return problems


def _field(field: Field, snapshot: Snapshot) -> Iterator[Problem]:
    """Labels are compared without regard to letter case, as Zoho does."""
    labels = {label.casefold(): label for label in snapshot.fields}
    label = labels.get(field.name.casefold())
    if label is None:
        message = f"the account has no field {field.name!r}"
        fix = did_you_mean(field.name, snapshot.fields)
        yield replace(field.place.problem("unknown_field", message, fix), value=field.name)
        return
    longest = snapshot.lengths.get(label, 0)
    for text, place in field.texts:
        if longest and len(text) > longest:
            message = f"the text has {len(text)} characters and the field {label!r} holds {longest}"
            yield replace(place.problem("too_long", message, "shorten it, or lengthen the field in Zoho"), value=text)


def _names(
    kind: str, action: Action, known: Sequence[MailingList] | Sequence[object], account: str
) -> Iterator[Problem]:
    field = action.parts.get(kind)
    names = [str(getattr(item, "name", "")) for item in known]
    for text, place in field.texts if field is not None else ():
        matches = [name for name in names if comparable(name) == comparable(text)]
        exact = [name for name in names if name == text]
        if len(matches) == 1 or len(exact) == 1:
            continue
        if matches:
            message = f"the account has {len(matches)} {kind}s named {text!r}"
            yield replace(place.problem(f"ambiguous_{kind}", message, f"name it by its `{kind}key`"), value=text)
        else:
            yield _unknown(kind, text, place, names, account)


def _tags(action: Action, known: Sequence[str] | None, account: str) -> Iterator[Problem]:
    """Tags that the account lacks, unless the mapping wants them created. None: the account's tags are not known."""
    field = action.parts.get("name")
    if known is None or field is None or "create" in action.parts:
        return
    for text, place in field.texts:
        if comparable(text) not in map(comparable, known):
            found = _unknown("tag", text, place, known, account)
            create = "or write `create: true`" if action.api == "tag" else ""
            yield replace(found, fix="; ".join(filter(None, (found.fix, create))))


def _unknown(kind: str, text: str, place: Place, names: Sequence[str], account: str) -> Problem:
    message = f"the account has no {kind} {text!r}"
    pull = f"`{pull_command(account)}`"
    near = did_you_mean(text, names)
    fix = f"{near} (if it is new in Zoho: {pull})" if near else f"make the {kind} in Zoho, then run {pull} again"
    if kind == "journey":
        message = f"{text!r} is not among the account's open journeys"
        fix = (
            f"{did_you_mean(text, names)} (a journey is open only while it is active and starts with the trigger for "
            f"leads from outside; fix that in Zoho, then run {pull} again)".lstrip()
        )
    return replace(place.problem(f"unknown_{kind}", message, fix), value=text)


def _trigger_keys(action: Action, snapshot: Snapshot) -> Iterator[Problem]:
    """A journey that is named exactly and has no open trigger cannot be triggered."""
    field = action.parts.get("journey")
    for text, place in field.texts if field is not None else ():
        named = [journey for journey in snapshot.journeys if comparable(journey.name) == comparable(text)]
        if len(named) == 1 and not named[0].trigger_key:
            message = f"the journey {text!r} has no open trigger"
            fix = "in Zoho, let it start with the trigger for leads from outside, or give its keys here"
            yield replace(place.problem("no_trigger", message, fix), value=text)


def _surprises(actions: Sequence[Action], snapshot: Snapshot) -> Iterator[Problem]:
    """Warnings: what a list that asks people to confirm means for its actions."""
    public = {comparable(item.name): item for item in snapshot.lists if item.is_public}
    keys = {item.key: item for item in public.values()}
    above: list[Action] = []
    for action in actions:
        asking = _asking(action, above, public, keys)
        if action.api == "subscribe":
            above.append(action)
            if asking and not action.doubt_is_answered:
                message = f"{asking!r} asks people to confirm: after a call without an answer they may be asked twice"
                yield action.place.problem("doubt", message, _DOUBT_FIX, Severity.WARNING)
            continue
        if action.api == "tag" and _asking(above[-1], (), public, keys) if above else False:
            message = "people who have not confirmed yet cannot have a tag"
            fix = "nothing needs to be done: the tag waits for a week"
            yield action.place.problem("public_list", message, fix, Severity.WARNING)
        if action.api != "trigger":
            continue
        if asking:
            message = f"{asking!r} asks people to confirm by mail, and until they do the journey ignores them"
            fix = "nothing needs to be done: the trigger waits for a week; a list that is not public asks nobody"
            yield action.place.problem("public_list", message, fix, Severity.WARNING)


_DOUBT_FIX = "write `on_doubt: resend` if that is acceptable, or `on_doubt: hold`"


def _asking(
    action: Action, above: Iterable[Action], public: dict[str, MailingList], keys: dict[str, MailingList]
) -> str:
    """The name of the first public list that this action, or the subscribe it leans on, may mean; else nothing."""
    bearers = [action]
    if action.api == "trigger" and not {"list", "listkey"} & set(action.parts):
        bearers = list(above)[-1:]
    for bearer in bearers:
        for part, known in (("list", public), ("listkey", keys)):
            field = bearer.parts.get(part)
            for text, _ in field.texts if field is not None else ():
                found = known.get(comparable(text) if part == "list" else text)
                if found is not None:
                    return found.name
    return ""
