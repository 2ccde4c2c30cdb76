"""What an author meant by a `withdraw:` that lacks its two keys, as the change of the file that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.documents import flow
from bridge.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bridge.documents import Document
    from bridge.model import Edit

_WHEN: Final = {"from": "kind", "in": [str(Kind.UNSUBSCRIBE), str(Kind.DELETION)]}
_VERBS: Final = {"unsubscribe", "do_not_mail", "untag"}
_LISTS: Final = {"list", "listkey"}


def whole_withdrawal(document: Document) -> Edit | None:
    """`withdraw:` with `when` and `actions`, from what stands there: actions, names of lists, a condition, a word."""
    found = document.data["withdraw"]
    if isinstance(found, list) and any(isinstance(one, dict) and "actions" in one for one in found):
        return None
    entries = found if isinstance(found, dict) else {"actions": found}
    named = entries.keys() & (_VERBS | _LISTS)
    test = {key: value for key, value in entries.items() if key not in {*named, "when", "actions"}}
    written = [entries["actions"]] if "actions" in entries else []
    written += [{key: entries[key]} for key in entries if key in named]
    actions = list(_actions(written or [True], document.data.get("actions")))
    if not actions:
        return None
    lines = (f"    - {flow(one)[1:-1]}" for one in actions)
    when = flow(_when(entries.get("when") or test or _WHEN))
    return document.at_entry(("withdraw",), "\n".join(["withdraw:", f"  when: {when}", "  actions:", *lines]))


def _when(found: Any) -> Any:
    """A bare word for a condition: a kind of event, or a question that is answered."""
    if not isinstance(found, str):
        return found
    return {"from": "kind", "is": found} if found in set(Kind) else {"answer": found, "present": True}


def _actions(found: Any, subscribing: Any) -> Iterator[dict[str, Any]]:
    """Each action as it must be written; a bare text is a list's name, and `true` means the lists subscribed to."""
    if isinstance(found, list):
        for one in found:
            yield from _actions(one, subscribing)
    elif isinstance(found, dict):
        for key, value in found.items():
            bare = key == "unsubscribe" and not isinstance(value, dict)
            yield from (
                _actions(value, subscribing)
                if bare
                else [{"unsubscribe": {key: value}} if key in _LISTS else {key: value}]
            )
    elif found in ("unsubscribe", True):
        yield from ({"unsubscribe": {"list": name}} for name in list(_lists(subscribing)) or ["Name in Zoho"])
    elif found == "do_not_mail":
        yield {"do_not_mail": True}
    elif found:
        yield {"unsubscribe": {"list": found}}


def _lists(actions: Any) -> Iterable[str]:
    for one in actions if isinstance(actions, list) else ():
        keys = one.get("subscribe") if isinstance(one, dict) else None
        if isinstance(keys, dict) and isinstance(keys.get("list"), str):
            yield keys["list"]
