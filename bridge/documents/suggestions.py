"""Small words in messages: what was most likely meant, and how a text must be written."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SMALL_WORDS: Final = frozenset({"of", "the", "your", "and", "a", "what", "is"})
_ENOUGH_WORDS: Final = 0.8
_MOST: Final = 40
_SHORT: Final = 2


def closest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """The choice most like `word`, or nothing when none is near. `cutoff` runs from 0 (any) to 1 (equal)."""
    known = {choice.casefold(): choice for choice in choices}
    alike = max(known, key=lambda choice: _shared_words(word.casefold(), choice), default="")
    if _shared_words(word.casefold(), alike) >= _ENOUGH_WORDS:
        return known[alike]
    words = set(re.findall(r"[^\W_]+", word.casefold()))
    within = [choice for choice in known if len(words) > 1 and set(re.findall(r"[^\W_]+", choice)) < words]
    if within:
        return known[max(within, key=len)]
    cutoff = min(cutoff, 0.5) if len(word) <= _SHORT else cutoff
    near = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=cutoff)
    return known[near[0]] if near else ""


def _shared_words(one: str, other: str) -> float:
    """How many of their words two names share, from 0 to 1; only of names with several words."""
    words, others = (set(re.findall(r"\w+", name)) - _SMALL_WORDS for name in (one, other))
    return 2 * len(words & others) / (len(words) + len(others)) if len(words) > 1 else 0.0


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A fix naming the closest choice, or all of them (of very many, the first) when none is near."""
    options = list(choices)
    near = closest(word, options)
    if near:
        return f"did you mean {near!r}?"
    return known_here(options)


def known_here(choices: Iterable[str]) -> str:
    """A fix naming all choices, or of very many the first."""
    options = list(choices)
    return f"known here: {', '.join(options[:_MOST])}{', ...' if len(options) > _MOST else ''}" if options else ""


def unknown_name(kind: str, name: str, known: Iterable[str], more: str = "") -> UnknownNameError:
    """The error for a name that is none of those known, with the closest; `more` where all of them are found."""
    choices = sorted(set(known))
    near = closest(name, choices)
    fix = f"did you mean {near!r}?" if near else more or known_here(choices)
    return UnknownNameError("; ".join(filter(None, (f"there is no {kind} {name!r}", fix))))


def quoted(text: str) -> str:
    """A text as it must stand in a YAML file between braces: bare where that is safe, else in double quotes."""
    safe = re.fullmatch(r"[\w$+/][\w $+/().-]*", text) and text == text.strip()
    safe = safe and text.casefold() not in ("true", "false", "null")
    return text if safe else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def flow(value: Any) -> str:
    """Data as YAML on one line: keys between braces, lists between brackets."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(str(key))}: {flow(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return quoted(value) if isinstance(value, str) else "null" if value is None else str(value).lower()
