"""How many steps a regular expression takes on a text, counted as the engine of `re` would take them.

That engine tries alternatives and repetitions one after another, and counts nothing. This one reads the same parse
tree, tries the same things in the same order, and counts: growth is seen exactly, at small sizes, on any machine.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

MOST: Final = 40_000
"""Nothing is counted beyond this: that is enough to know."""

Continue = Callable[[int], int]
FAILED: Final = -1
_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


class TooManyStepsError(Exception):
    """There were more than MOST."""


class Counted:
    """A compiled regular expression whose steps can be counted."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.is_bytes = isinstance(pattern.pattern, bytes)
        self.flags = pattern.flags
        text = pattern.pattern.decode("latin-1") if self.is_bytes else pattern.pattern
        flags = pattern.flags | (re.ASCII if self.is_bytes else 0)
        if self.is_bytes:
            flags &= ~re.UNICODE
        self.tree = list(_parser.parse(text, flags & ~re.DEBUG))
        self._categories = {key: re.compile(value, flags & re.ASCII) for key, value in _CATEGORIES.items()}
        self._folds = bool(flags & re.IGNORECASE)
        self._singles: dict[int, tuple[Any, Callable[[str], bool] | None]] = {}
        self._steps = 0
        self._groups: dict[int, tuple[int, int]] = {}

    def steps(self, text: str, use: str) -> int:
        """The steps of `match`, of `fullmatch`, or of `finditer`, which does what `search`, `sub` and `split` do."""
        last = len(text) if use == "fullmatch" else None
        self._steps = 0
        sys.setrecursionlimit(100_000)
        try:
            at = 0
            while at <= len(text):
                self._groups = {}
                end = self._run(self.tree, 0, text, at, lambda found: found if last in (None, found) else FAILED)
                if use != "finditer":
                    break
                at = end if end > at else at + 1
        except TooManyStepsError:
            return MOST
        return self._steps

    def match_end(self, text: str) -> int:
        """Where a match from the start of the text ends; -1 without one. Raises TooManyStepsError."""
        self._steps, self._groups = 0, {}
        return self._run(self.tree, 0, text, 0, lambda found: found)

    def samples(self) -> list[str]:
        """Texts that it matches, or nearly; of one for bytes, each character is a byte."""
        return [samples(self, self.tree, variant) + after for variant in range(6) for after in ("", "!", "a1 a")]

    def _tick(self) -> None:
        self._steps += 1
        if self._steps >= MOST:
            raise TooManyStepsError

    def _run(self, nodes: list[Any], index: int, text: str, at: int, then: Continue) -> int:
        """Match the nodes from this one on and go on with `then`; where the whole ends, or FAILED."""
        while index < len(nodes):
            self._tick()
            node = nodes[index]
            if (one := self._single(node)) is not None:
                if at >= len(text) or not one(text[at]):
                    return FAILED
                at, index = at + 1, index + 1
                continue
            return self._composite(node[0], node[1], text, at, partial(self._go_on, nodes, index + 1, text, then))
        return then(at)

    def _go_on(self, nodes: list[Any], index: int, text: str, then: Continue, at: int) -> int:
        return self._run(nodes, index, text, at, then)

    def _composite(self, kind: Any, value: Any, text: str, at: int, then: Continue) -> int:
        if kind is sre.AT:
            return then(at) if self._is_at(value, text, at) else FAILED
        if kind is sre.BRANCH:
            return next((end for one in value[1] if (end := self._run(list(one), 0, text, at, then)) >= 0), FAILED)
        if kind is sre.SUBPATTERN:
            return self._group(value, text, at, then)
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeat(value, text, at, then, greedy=kind is sre.MAX_REPEAT)
        if kind is sre.POSSESSIVE_REPEAT:
            end = self._repeat(value, text, at, lambda found: found, greedy=True)
            return then(end) if end >= 0 else FAILED
        if kind is sre.ATOMIC_GROUP:
            end = self._run(list(value), 0, text, at, lambda found: found)
            return then(end) if end >= 0 else FAILED
        if kind in (sre.ASSERT, sre.ASSERT_NOT):
            return self._look(kind, value, text, at, then)
        if kind is sre.GROUPREF:
            start, end = self._groups.get(value, (0, -1))
            found = text[start:end]
            return then(at + len(found)) if end >= 0 and text.startswith(found, at) else FAILED
        raise NotImplementedError(kind)

    def _group(self, value: Any, text: str, at: int, then: Continue) -> int:
        number, _, _, inner = value

        def closed(end: int) -> int:
            if number is None:
                return then(end)
            before = self._groups.get(number)
            self._groups[number] = (at, end)
            found = then(end)
            if found < 0 and before is not None:
                self._groups[number] = before
            return found

        return self._run(list(inner), 0, text, at, closed)

    def _look(self, kind: Any, value: Any, text: str, at: int, then: Continue) -> int:
        direction, inner = value
        if direction > 0:
            found = self._run(list(inner), 0, text, at, lambda end: end) >= 0
        else:
            low, high = inner.getwidth()
            found = any(
                self._run(list(inner), 0, text, at - width, lambda end: end if end == at else FAILED) >= 0
                for width in range(low, min(high, at) + 1)
            )
        return then(at) if found is (kind is sre.ASSERT) else FAILED

    def _repeat(self, value: Any, text: str, at: int, then: Continue, *, greedy: bool) -> int:
        least, most, inner = value
        most = sys.maxsize if most is sre.MAXREPEAT else most
        one = self._single(inner[0]) if len(inner) == 1 else None
        if one is not None:
            return self._repeat_single(one, least, most, text, at, then, greedy=greedy)
        nodes = list(inner)

        def again(done: int, start: int) -> int:
            self._tick()

            def more() -> int:
                if done >= most:
                    return FAILED
                return self._run(
                    nodes, 0, text, start, lambda end: again(done + 1, end) if end > start or done < least else FAILED
                )

            if done < least:
                return more()
            for attempt in (more, lambda: then(start)) if greedy else (lambda: then(start), more):
                if (end := attempt()) >= 0:
                    return end
            return FAILED

        return again(0, at)

    def _repeat_single(
        self, one: Callable[[str], bool], least: int, most: int, text: str, at: int, then: Continue, *, greedy: bool
    ) -> int:
        end = at
        while end < len(text) and end - at < most and one(text[end]):
            self._tick()
            end += 1
        ends = range(end, at + least - 1, -1) if greedy else range(at + least, end + 1)
        for place in ends:
            self._tick()
            if (found := then(place)) >= 0:
                return found
        return FAILED

    def _is_at(self, where: Any, text: str, at: int) -> bool:
        if where in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
            return at == 0 or (bool(self.flags & re.MULTILINE) and where is sre.AT_BEGINNING and text[at - 1] == "\n")
        if where is sre.AT_END_STRING:
            return at == len(text)
        if where is sre.AT_END:
            at_line_end = bool(self.flags & re.MULTILINE) and text[at : at + 1] == "\n"
            return at == len(text) or text[at:] == "\n" or at_line_end
        word = self._categories[sre.CATEGORY_WORD]
        inside = [bool(word.match(char)) for char in (text[at - 1 : at] if at else "", text[at : at + 1])]
        return (inside[0] != inside[1]) is (where is sre.AT_BOUNDARY)

    def _single(self, node: tuple[Any, Any]) -> Callable[[str], bool] | None:
        """A test for what takes exactly one character; None for what does not. Made once: most steps ask for it."""
        if id(node) not in self._singles:
            made = self._new_single(*node)
            self._singles[id(node)] = node, cache(made) if made else None  # with the node, so that its id stays its own
        return self._singles[id(node)][1]

    def _new_single(self, kind: Any, value: Any) -> Callable[[str], bool] | None:
        if kind in (sre.LITERAL, sre.NOT_LITERAL):
            chars = {chr(value), chr(value).lower(), chr(value).upper()} if self._folds else {chr(value)}
            return lambda char: (char in chars) is (kind is sre.LITERAL)
        if kind is sre.ANY:
            return (lambda char: True) if self.flags & re.DOTALL else (lambda char: char != "\n")
        if kind is not sre.IN:
            return None
        negated = value[0][0] is sre.NEGATE
        return lambda char: any(self._has(item, char) for item in value) is not negated

    def _has(self, item: Any, char: str) -> bool:
        kind, value = item
        if kind is sre.CATEGORY:
            return self._categories[value].match(char) is not None
        forms = (char, char.lower(), char.upper()) if self._folds else (char,)
        if kind is sre.LITERAL:
            return chr(value) in forms
        return kind is sre.RANGE and any(len(form) == 1 and value[0] <= ord(form) <= value[1] for form in forms)


def samples(counted: Counted, nodes: list[Any], variant: int) -> str:
    """A text that the nodes match, or nearly; another for each variant."""
    return "".join(_sample(counted, node, variant) for node in nodes)


def _sample(counted: Counted, node: tuple[Any, Any], variant: int) -> str:
    kind, value = node
    if (one := counted._single(node)) is not None:
        fitting = [char for char in ALPHABET if one(char) and (not counted.is_bytes or ord(char) < 256)]
        return fitting[variant * 7 % len(fitting)] if fitting else ""
    if kind is sre.BRANCH:
        return samples(counted, list(value[1][variant % len(value[1])]), variant)
    if kind is sre.SUBPATTERN:
        return samples(counted, list(value[3]), variant)
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return samples(counted, list(value[2]), variant) * max(1, int(value[0]))
    return samples(counted, list(value), variant) if kind is sre.ATOMIC_GROUP else ""


ALPHABET: Final = "a1 .-/:,;=\"'&%<>()[]{}@+_\\\t\nZé\x00٣\u3000"


def attacks(counted: Counted) -> Iterator[tuple[str, str, str]]:
    """Triples of a text before, one to repeat, and one after: what repetitions are known to be slow on."""
    seen = set()
    for before, inner in _repetitions(counted, counted.tree, ""):
        for variant in range(3):
            pump = samples(counted, inner, variant)
            for after in ("", "\x00", "!", "a", " "):
                if pump and (before, pump, after) not in seen:
                    seen.add((before, pump, after))
                    yield before, pump, after


def _repetitions(counted: Counted, nodes: list[Any], before: str) -> Iterator[tuple[str, list[Any]]]:
    """Each repetition without a small bound, with what comes before it; and each expression as a whole."""
    if not before:
        yield "", nodes
    for index, (kind, value) in enumerate(nodes):
        here = before + samples(counted, nodes[:index], 0)
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            if value[1] is sre.MAXREPEAT or value[1] > 8:
                yield here, list(value[2])
                yield "", list(value[2])
            yield from _repetitions(counted, list(value[2]), here or " ")
        elif kind is sre.SUBPATTERN:
            yield from _repetitions(counted, list(value[3]), here or " ")
        elif kind is sre.BRANCH:
            for one in value[1]:
                yield from _repetitions(counted, list(one), here or " ")
        elif kind in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _repetitions(counted, list(value[1]), here or " ")
        elif kind is sre.ATOMIC_GROUP:
            yield from _repetitions(counted, list(value), here or " ")
