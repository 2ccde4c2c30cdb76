"""Pseudonyms keep the shape of a value and nothing of the person."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.address import problem
from bridge.authoring.pseudonyms import Pseudonyms

PLAIN = Pseudonyms(keep=frozenset())


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("hedy@lamarr.test", r"[a-z]+\d+@example\.com"),
        ("2025-01-31T08:09:10.123Z", r"2026-03-04T10:15:00\.000Z"),
        ("1914-11-09", "2026-03-04"),
        ("09/11/1914", "04/03/2026"),
        ("+43 1 5139 402", r"\+43 \d \d{4} \d{3}"),
        ("Hedwig Kiesler", r"[A-Z][a-z]{5} [A-Z][a-z]{6}"),
        ("https://hedy.test/a?b=1", r"https://example\.com/[a-z]\?[a-z]=\d"),
        ("a1-B2", r"[a-z]\d-[A-Z]\d"),
    ],
)
def test_a_text_keeps_its_shape(text: str, shape: str) -> None:
    other = PLAIN.text(text)
    assert re.fullmatch(shape, other), other
    assert PLAIN.text(text) == other
    assert text != other


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_value_has_a_pseudonym_of_the_same_structure(value: Any) -> None:
    other = PLAIN.of(value)
    assert type(other) is type(value)
    if isinstance(value, list | dict):
        assert len(other) == len(value)


def test_words_of_the_mapping_stay_and_known_parts_agree() -> None:
    pseudonyms = Pseudonyms(
        keep=frozenset({"team", "thanks, hedy!"}), known={"Hedy": "Ada", "hedy@lamarr.test": "ada@example.com"}
    )
    body = {
        "plan": "Team",
        "title": "Thanks, Hedy!",
        "name": " Hedy ",
        "json": json.dumps({"mail": "hedy@lamarr.test"}),
    }
    assert pseudonyms.of(body) == {
        "plan": "Team",
        "title": "Thanks, Ada!",
        "name": " Ada ",
        "json": json.dumps({"mail": "ada@example.com"}),
    }


def test_an_address_that_stands_in_is_usable() -> None:
    assert problem(PLAIN.text("someone@somewhere.test")) is None


def test_a_date_in_parts_is_a_date_again() -> None:
    found = Pseudonyms(keep=frozenset()).of({"month": "12", "day": "10", "year": "1815", "note": "born"})
    assert {name: found[name] for name in ("day", "month", "year")} == {"day": "04", "month": "03", "year": "1991"}
    assert found["note"] != "born"


def test_a_text_may_hold_a_part_any_number_of_times_and_brackets_of_any_depth() -> None:
    hidden = Pseudonyms(keep=frozenset(), parts=(", ", "AND"))
    assert hidden.text("Hedwig, " * 5_000).count(", ") == 5_000
    assert re.fullmatch(r"[A-Z][a-z]{5}and[A-Z][a-z]{2}", hidden.text("HedwigandMax"))
    assert hidden.text("[" * 2_000).startswith("[")  # twice as deep as Python goes; property tests let it go deeper
