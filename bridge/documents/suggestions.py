"""Small words in messages: what was most likely meant, and how a text must be written."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """The choice most like `word`, or nothing when none is near. `cutoff` runs from 0 (any) to 1 (equal)."""
    known = {choice.casefold(): choice for choice in choices}
    near = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=cutoff)
    return known[near[0]] if near else ""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A fix naming the closest choice, or all of them (at most twelve) when none is near."""
    options = list(choices)
    near = closest(word, options)
    if near:
        return f"did you mean {near!r}?"
    return f"known here: {', '.join(options[:12])}{', ...' if len(options) > 12 else ''}" if options else ""


def quoted(text: str) -> str:
    """A text as it must stand in a YAML file between braces: bare where that is safe, else in double quotes."""
    safe = re.fullmatch(r"[\w$+/][\w $+/().-]*", text) and text == text.strip()
    return text if safe else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
