"""The texts of questions, out of a summary `Question:answer, Question:answer` of the answered ones.

Some senders (Jotform) write a question's text nowhere else, and the summary cannot be split: texts and answers hold
commas and colons of their own, and blank answers are missing from it. So it is aligned with the answers, which are
known: what stands before the words of an answer is the text of its question. Good enough to be shown to people, never
to find an answer by: a respondent may write into an answer what looks like another question.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from bridge.expressions.texts import comparable
from bridge.expressions.values import as_text, is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Answer, Event

LONGEST_SUMMARY: Final = 10_000
"""Characters of a summary that are looked at; a longer one gives no texts of its later questions."""

_MOST_WORDS: Final = 60
"""An answer is recognised by so many of its first words."""

_MOST_ANSWERS: Final = 200
_WORD: Final = re.compile(r"\w+")
_EDGE: Final = " ,:*\t\r\n"


def captions(event: Event) -> dict[str, str]:
    """The text of each answered question by its key, where the event's summary has the answer's words right behind it.

    The words of an answer with parts (a date, a name) may stand in any order. Of questions whose answers have the same
    words each has its text only if all of them are found, in the order of the answers.
    """
    if not event.captions:
        return {}
    summary = html.unescape(event.captions[:LONGEST_SUMMARY])
    words = [(match.start(), match.end(), comparable(match.group())) for match in _WORD.finditer(summary)]
    starts = [start for start, _, _ in words]
    keys = _by_words(event.answers)
    lengths = sorted({len(wanted) for wanted in keys}, reverse=True)
    texts: dict[tuple[str, ...], list[str]] = {}
    begin = 0
    for colon in [place for place, letter in enumerate(summary) if letter == ":"]:
        if colon < begin:
            continue
        first = bisect_left(starts, colon)
        for length in lengths:
            found = words[first : first + length]
            wanted = tuple(sorted([word for _, _, word in found]))
            if wanted in keys and _ends(summary, words, first + length, length):
                text = summary[begin:colon].strip(_EDGE)
                texts.setdefault(wanted, []).append(" ".join(text.split()))
                begin = found[-1][1]
                break
    return {
        key: text
        for wanted, named in texts.items()
        if len(named) == len(keys[wanted])
        for key, text in zip(keys[wanted], named, strict=True)
        if text
    }


def _by_words(answers: Sequence[Answer]) -> dict[tuple[str, ...], list[str]]:
    """The keys of the answers that are not blank, by their sorted words."""
    keys: dict[tuple[str, ...], list[str]] = {}
    for answer in answers[:_MOST_ANSWERS]:
        value = answer.value
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
        text = " ".join([as_text(part) for part in parts if not is_blank(part) and not isinstance(part, dict | list)])
        words = [comparable(word) for word in _WORD.findall(html.unescape(text[:LONGEST_SUMMARY]))[:_MOST_WORDS]]
        if words:
            keys.setdefault(tuple(sorted(words)), []).append(answer.key)
    return keys


def _ends(summary: str, words: list[tuple[int, int, str]], following: int, length: int) -> bool:
    """Whether an answer can end before the word at `following`: at a comma, at the end, or where it is cut."""
    if length == _MOST_WORDS or following >= len(words):
        return True
    return ", " in summary[words[following - 1][1] : words[following][0]]
