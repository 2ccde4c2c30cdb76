"""From the names a mapping uses to the keys Zoho wants, with the account's snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bridge.expressions import comparable

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from bridge.model import Target
    from bridge.zoho.catalog import Journey, MailingList, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a call's form and path are made of. Empty where the API does not need it."""

    list_key: str = ""
    journey_key: str = ""
    trigger_key: str = ""
    sources: str = ""
    topics: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """A target whose keys are not known: what is wrong, the closest name, and what to do.

    `tag` is the name of a tag which is missing and which the mapping wants created.
    """

    message: str
    tag: str = ""


def resolve(snapshot: Snapshot, target: Target, needs: Set[str]) -> Keys | Unresolved:
    """The keys of a target that its API `needs`: of a `list`, of a `journey`, of both, of a `tag`, or none.

    Keys that the target gives are taken as they are; names are looked up. A name is compared exactly first, then
    forgiving letter case and spaces. Two matches are not a match. With a journey goes the key of its trigger, which the
    snapshot has.
    """
    if "tag" in needs:
        return _tag(snapshot, target)
    list_key = target.list_key or (_key("list", target.list_name, snapshot.lists) if "list" in needs else "")
    if isinstance(list_key, Unresolved):
        return list_key
    if "journey" not in needs:
        return Keys(list_key=list_key, sources=target.sources, topics=target.topics)
    journey_key = target.journey_key or _key("journey", target.journey_name, snapshot.journeys)
    if isinstance(journey_key, Unresolved):
        return journey_key
    trigger_key = target.trigger_key or _trigger_key(journey_key, snapshot.journeys)
    if isinstance(trigger_key, Unresolved):
        return trigger_key
    return Keys(list_key=list_key, journey_key=journey_key, trigger_key=trigger_key)


def _tag(snapshot: Snapshot, target: Target) -> Keys | Unresolved:
    """The tag by the name that Zoho shows; as it is written where the account's tags are not known."""
    known = snapshot.tags
    if known is None:
        unsure = Unresolved(message=f"whether the tag {target.tag!r} exists is not known", tag=target.tag)
        return unsure if target.create_tag else Keys(tag=target.tag)
    found = next((name for same in (_exact, comparable) for name in known if same(name) == same(target.tag)), None)
    if found is not None:
        return Keys(tag=found)
    return Unresolved(message=_unknown("tag", target.tag, known), tag=target.tag if target.create_tag else "")


def _key(kind: str, name: str, known: Sequence[MailingList] | Sequence[Journey]) -> str | Unresolved:
    if not name:
        return Unresolved(message=f"no {kind} is given; name one in the mapping")
    for same in (_exact, comparable):
        matches = [item for item in known if same(item.name) == same(name)]
        if len(matches) == 1:
            return matches[0].key
        if matches:
            return Unresolved(message=_ambiguous(kind, name, matches))
    return Unresolved(message=_unknown(kind, name, [item.name for item in known]))


def _trigger_key(journey_key: str, journeys: Sequence[Journey]) -> str | Unresolved:
    found = next((journey for journey in journeys if journey.key == journey_key), None)
    if found is not None and found.trigger_key:
        return found.trigger_key
    name = f"{found.name!r}" if found is not None else f"with the key {journey_key!r}"
    return Unresolved(
        message=f"the journey {name} has no open trigger in this account; "
        "let it start with the open trigger in Zoho, or give triggerkey in the mapping"
    )


def _ambiguous(kind: str, name: str, matches: Sequence[MailingList | Journey]) -> str:
    both = " and ".join(f"{item.name!r} ({kind}key {item.key})" for item in matches)
    return f"the {kind} {name!r} matches {both}; give {kind}key in the mapping"


def _unknown(kind: str, name: str, names: Sequence[str]) -> str:
    by_folded = {comparable(known): known for known in names}
    close = get_close_matches(comparable(name), list(by_folded), n=1)
    hint = f"; did you mean {by_folded[close[0]]!r}?" if close else ""
    return f"the account has no {kind} {name!r}{hint or '; make it in Zoho or correct the mapping'}"


def _exact(name: str) -> str:
    return name
