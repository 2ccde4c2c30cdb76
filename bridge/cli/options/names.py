"""Names that choose something: one that is unknown is an error, not an empty result.

What reads mappings and accounts is imported where a name needs it: it costs half a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge import config
from bridge.errors import LeadbridgeError
from bridge.model import DeadReason
from bridge.operations.selection import APIS
from bridge.outbox import operator, registry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from bridge.outbox import Outbox
    from bridge.outbox.operator import Selector


_NEWEST: Final = 1_000
"""So many events are looked at for the reasons that there are."""


def check_names(store: Outbox, selector: Selector) -> None:
    """Raises UnknownNameError for a hook, lane or target that neither the outbox nor the mappings and accounts have."""
    if selector.hook is not None and selector.hook not in registry.hook_names(store):
        _find("hook", selector.hook, [*registry.hook_names(store), *_hooks_here()])
    if selector.lane_id is not None:
        lanes = [str(lane_id) for lane_id, _ in registry.all_targets(store)]
        _find("lane", str(selector.lane_id), lanes, "`leadbridge status` lists them")
    if selector.target is not None and selector.target not in _of_lanes(store):
        _find("list, journey or tag", selector.target, [*_of_lanes(store), *_of_accounts(store), *_of_mappings()])


def check_lanes(store: Outbox, names: Collection[str]) -> None:
    """Raises UnknownNameError for a name that is neither a lane's number nor that of a target or an API."""
    known = {str(lane_id) for lane_id, _ in registry.all_targets(store)} | _of_lanes(store) | set(APIS)
    for name in names:
        _find("lane", name, known, "`leadbridge status` lists them")


def unheard_reason(store: Outbox, selector: Selector) -> str:
    """A note on a reason by which nothing was found, with the closest of those that the newest events have, or ""."""
    reason = selector.reason or ""
    if not reason or reason.isdecimal() or reason in list(DeadReason):
        return ""
    from bridge.documents import did_you_mean

    newest = operator.newest(store, operator.Selector(), limit=_NEWEST).found
    known = {text for one in newest for text in (one.event_reason, str(one.reason or "")) if text}
    if reason in known or not known:
        return ""
    return f"no reason of the newest events is {reason!r}; {did_you_mean(reason, sorted(known))}"


def _find(kind: str, name: str, known: Collection[str], more: str = "") -> None:
    from bridge.documents import unknown_name

    if name not in known:
        raise unknown_name(kind, name, known, more)


def _hooks_here() -> Collection[str]:
    from bridge.hooks.folder import mapping_files

    folder = _folder()
    return mapping_files(folder) if folder is not None else ()


def _of_lanes(store: Outbox) -> set[str]:
    """Whereto anything was ever sent."""
    targets = [one for _, one in registry.all_targets(store)]
    names = ((one.list_name, one.list_key, one.journey_name, one.journey_key, one.tag) for one in targets)
    return {text for texts in names for text in texts if text}


def _of_accounts(store: Outbox) -> Iterator[str]:
    """What the accounts had when they were last read: a list to which nothing was ever sent is known all the same."""
    from bridge.zoho import Snapshot

    contents = [registry.snapshot(store, account) for account in registry.account_names(store)]
    for snapshot in [Snapshot.from_json(content) for content in contents if content is not None]:
        yield from (text for one in snapshot.lists for text in (one.name, one.key))
        yield from (text for one in snapshot.journeys for text in (one.name, one.key))
        yield from snapshot.tags or ()


def _of_mappings() -> Iterator[str]:
    from bridge.hooks.folder import load_presets, read_folder

    folder = _folder()
    found = read_folder(folder, load_presets(folder)) if folder is not None else ()
    for mapping in [file.mapping for file in found if file.mapping is not None]:
        for action in mapping.all_actions:
            yield from (text for part in action.parts.values() for text, _ in part.texts)


def _folder() -> Path | None:
    try:
        folder = config.load(config.environment()).mappings
    except LeadbridgeError:
        return None  # settings that are wrong otherwise do not matter here
    return folder if folder.is_dir() else None
