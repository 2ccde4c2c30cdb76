"""The work of a regular expression is linear in its text, or its text is short: each of the product's is attacked.

They are found in the code, so a new one is attacked the day it is added.
"""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.growth.patterns import MOST_GROWTH, Used, growth, made_while_running, patterns
from tests.growth.steps import Counted

LINES_OF_YAML: Final = "bridge.documents.syntax looks at no line of more than 1,000 characters"
SHORT: Final = {
    "bridge.documents.yaml_mistakes._OTHER_COLON": "_odd_signs looks at no line of more than 1,000 characters",
    "bridge.documents.syntax._COMMENT": LINES_OF_YAML,
    "bridge.documents.syntax._ANY_GLUED": LINES_OF_YAML,
    "bridge.documents.syntax._ENTRY": LINES_OF_YAML,
    "bridge.documents.syntax._NO_COLON": LINES_OF_YAML,
    "bridge.documents.syntax._OPEN_QUOTE": LINES_OF_YAML,
    "bridge.intake.events.other_people._ID": "is_about_others reads no name of more than LONGEST_CACHED characters",
    "bridge.mapping.values.habits._TEMPLATE": "from_template reads at most 500 characters",
    "bridge.mapping.values.phones._REMARK": "a phone number is read from at most 200 characters",
}
"""Expressions whose work grows faster than their text, and what keeps that text short."""

OF_OTHERS: Final = {
    "bridge.authoring.pseudonyms": "a literal text, by re.escape",
    "bridge.mapping.reference": "our own documentation",
    "bridge.mapping.values.countries": "the library's first digits of a region, for at most 6 digits",
    "bridge.mapping.values.phones": "the library's forms of numbers, for at most 15 digits",
}
"""Modules that make an expression while they run, and of what."""


def test_steps_are_linear_in_the_text() -> None:
    found = {(one.name, one.use): growth(one) for one in patterns()}
    fast = {at: times for at, (times, _) in found.items() if times <= MOST_GROWTH}
    slow = {at: grown for at, grown in found.items() if at not in fast}  # with the text that is the worst
    assert {at: grown for at, grown in slow.items() if at[0] not in SHORT} == {}
    assert [at for at in fast if at[0] in SHORT] == [], "these are linear now: take them out of SHORT"


def test_expressions_are_constants() -> None:
    assert {one.partition(":")[0] for one in made_while_running()} == set(OF_OTHERS)


@pytest.mark.parametrize(
    ("text", "use"),
    [
        (r"[^@]+@", "finditer"),
        (r"\s*,", "finditer"),
        (r"(a+)+", "fullmatch"),
        (r"(a|a)*b", "match"),
        (r"\d*\d*", "fullmatch"),
        (r"\s+$", "finditer"),
    ],
)
def test_the_counter_sees_what_is_slow(text: str, use: str) -> None:
    times, _ = growth(Used(name="slow", pattern=re.compile(text), use=use))
    assert times > MOST_GROWTH


@pytest.mark.parametrize(
    ("text", "use"), [(r"(?<!\s)\s*,", "finditer"), (r"(a++)++", "fullmatch"), (r"a+b", "match"), (r"x", "finditer")]
)
def test_the_counter_lets_pass_what_is_linear(text: str, use: str) -> None:
    times, _ = growth(Used(name="quick", pattern=re.compile(text), use=use))
    assert times <= MOST_GROWTH


def test_the_counter_finds_what_the_engine_finds() -> None:
    """That it is the same engine: on texts made of an expression's own parts, both match or both do not."""
    wrong = []
    for one in patterns():
        counted = Counted(one.pattern)
        for text in counted.samples():
            found = one.pattern.match(text.encode("latin-1") if counted.is_bytes else text)
            if counted.match_end(text) != (found.end() if found else -1):
                wrong.append((one.name, text))
    assert wrong == []
