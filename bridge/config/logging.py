"""How much is logged, by part of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.config.reading import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model import Problem

LEVELS: Final = ("debug", "info", "warning", "error")
PARTS: Final = ("receiver", "admin", "deliverer")
NAME: Final = "LEADBRIDGE_LOG_LEVEL"


def read_levels(text: str, problems: list[Problem]) -> Mapping[str, str]:
    """The level of each part, and under "" that of all others: `info` or `info, deliverer=debug`."""
    levels = {"": "info"}
    for piece in filter(None, (one.strip() for one in text.split(","))):
        part, given, level = piece.partition("=")
        part, level = (part.strip(), level.strip()) if given else ("", part.strip())
        if level not in LEVELS:
            problems.append(wrong(NAME, text, f"one of {', '.join(LEVELS)}, for a part `PART=LEVEL`"))
        elif part and part not in PARTS:
            problems.append(wrong(NAME, text, f"about one of the parts {', '.join(PARTS)}"))
        else:
            levels[part] = level
    return levels
