"""Actions of an event that undo each other, or that Zoho refuses after each other: warned of as a mapping is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.documents import Path
    from bridge.mapping.build import Build

_TAGS: Final = "tag", "untag"
_JOINS: Final = "subscribe", "trigger"
_LEAVES: Final = "unsubscribe", "do_not_mail"
_LIST: Final = "list", "listkey"


class Written(NamedTuple):
    """An action as the mapping writes it: its number from 1, its API, its keys, and where it stands."""

    number: int
    api: str
    keys: Mapping[str, Any]
    path: Path

    def part(self, *names: str) -> Any:
        """What it writes for the first of these keys that it has, None where it has none."""
        return next(((name, self.keys[name]) for name in names if name in self.keys), None)


def check_contradictions(actions: Sequence[Written], build: Build) -> None:
    """Warn of each action that does nothing, or the contrary, after an earlier one of the same event."""
    for number, later in enumerate(actions):
        for earlier in actions[:number]:
            found = _contradiction(earlier, later) if _meet(earlier, later) else None
            if found is not None:
                code, message, fix = found
                build.warn(later.path, code, message, fix)
                break


def _meet(earlier: Written, later: Written) -> bool:
    """Whether both may happen for one event. Two conditions that differ are taken to exclude each other."""
    return "when" not in earlier.keys or "when" not in later.keys or earlier.keys["when"] == later.keys["when"]


def _contradiction(earlier: Written, later: Written) -> tuple[str, str, str] | None:
    """The code, the message and the fix of what is wrong with a pair, None if nothing is."""
    both = {earlier.api, later.api}
    before = f"`{earlier.api}` (action {earlier.number})"
    has_same_list = earlier.part(*_LIST) == later.part(*_LIST) is not None
    has_same_tag = earlier.part("name") == later.part("name")
    apart = "remove one of the two, or give each a `when` of its own"
    if earlier.api in _LEAVES and later.api in _TAGS:
        # https://zoho.com/marketingautomation/help/developers/assign-lead-tags.html
        message = f"only active leads can have their tags changed, and {before} before it ends that"
        return "tag_too_late", message, f"move it above {before}"
    if earlier.api == "tag" and later.api == "subscribe":
        message = f"only active leads can be tagged: {before} waits for a new lead until it is subscribed by this"
        return "tag_too_early", message, f"move it above {before}"
    if earlier.api == "do_not_mail" and later.api in _JOINS:
        return "contradiction", f"{before} closes the account to this address, so Zoho refuses this", apart
    if later.api == "do_not_mail" and earlier.api in _JOINS:
        return "contradiction", f"it closes the account to the address that {before} has just added", apart
    if has_same_list and "unsubscribe" in both and both & set(_JOINS):
        return "contradiction", f"it does the contrary of {before} with the same list", apart
    if both == set(_TAGS) and has_same_tag:
        return "contradiction", f"it does the contrary of {before} with the same tag", apart
    if earlier.api == later.api and _target(earlier) == _target(later):
        return "same_action", f"it does the same as {before}", "remove one of the two"
    return None


def _target(action: Written) -> dict[str, Any]:
    return {name: value for name, value in action.keys.items() if name not in ("when", "on_doubt")}
