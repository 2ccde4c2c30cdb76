"""Which hook an address means. The one place that knows what is overlooked in it: https://host/hooks/NAME."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from bridge.mapping import HOOK_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN: Final = 64
"""So many characters of a name that anybody may have invented are shown in logs."""

_MAX_COMPARED: Final = 50


def asked_name(path: str) -> str | None:
    """The name that an unescaped path asks for, as it was written; None when it is not a hook's address.

    Doubled and trailing slashes and blanks around the name are overlooked: they come from addresses that were put
    together or pasted.
    """
    parts = [part for part in (piece.strip() for piece in path.split("/")) if part]
    return parts[1] if len(parts) == 2 and parts[0].lower() == "hooks" else None


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


def shown(text: str) -> str:
    """What a stranger wrote, fit for a log line: cut, and without characters that a terminal would obey."""
    cut = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)
