"""Which hook an address means. The one place that knows what is overlooked in it: https://host/hooks/NAME."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from bridge.mapping import HOOK_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN: Final = 64
"""So many characters of a name that anybody may have invented are shown in logs."""

_MAX_COMPARED: Final = 50
_QUERY: Final = re.compile(r"[?&=].*", re.DOTALL)
"""A query that became a part of the path, by `%3F` or by `&` in the place of `?`: it may hold a token."""


def asked_name(path: str) -> str | None:
    """The name that an unescaped path asks for, as it was written; None when it is not a hook's address.

    Doubled and trailing slashes and blanks around the name are overlooked: they come from addresses that were put
    together or pasted.
    """
    parts = [part for part in (piece.strip() for piece in path.split("/")) if part]
    if len(parts) != 2 or parts[0].lower() != "hooks" or _QUERY.search(parts[1]):
        return None
    return parts[1]


def match(requested: str, names: Mapping[str, object]) -> str | None:
    """The one hook that is meant: that of exactly this name, else the only one that differs in letter case alone."""
    if requested in names:
        return requested
    if not is_name(requested):
        return None
    same = [name for name in names if name.casefold() == requested.casefold()]
    return same[0] if len(same) == 1 else None


def is_name(requested: str) -> bool:
    """Whether a hook may be called so."""
    return HOOK_NAME.fullmatch(requested) is not None


def closest(requested: str, names: Iterable[str]) -> str:
    """The hook's name that is most like the one asked for, empty when none is."""
    if len(requested) > SHOWN:
        return ""
    folded = {name.casefold(): name for name in names if abs(len(name) - len(requested)) < 4}
    found = difflib.get_close_matches(requested.casefold(), list(folded)[:_MAX_COMPARED], n=1)
    return folded[found[0]] if found else ""


def nothing_at(path: str) -> str:
    """What is wrong with a path that is no hook's address, without what may be a secret in it."""
    bare, _, rest = _QUERY.sub("", path).lstrip("/").partition("/")
    name, more, _ = rest.partition("/")
    place = f"/{bare}/{name}" if name else f"/{bare}"
    fix = "write ? before the first parameter" if _QUERY.search(path) else "webhooks are taken at /hooks/NAME"
    return f"there is nothing at {shown(place)!r}{' and what follows' if more else ''}; {fix}"


def shown(text: str) -> str:
    """What a stranger wrote, fit for a log line: cut, and without characters that a terminal would obey."""
    text = _QUERY.sub("", text)
    cut = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)
