"""Keys that stand twice in one JSON object: all values count, and it is said, in every form in which JSON comes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.intake.body.content import Notes
from bridge.intake.body.json_text import read_json
from bridge.intake.body.repeated_keys import REPEATED

TWICE = '{"email": "ada@example.com", "email": "grace@example.com"}'


def _codes(body: bytes) -> list[str]:
    notes = Notes()
    read_json(body, notes=notes)
    return [note.code for note in notes]


@pytest.mark.parametrize(
    "body",
    [
        TWICE.encode(),
        TWICE.replace(": ", ":").encode(),
        TWICE.replace(": ", "\t:\n").encode(),
        TWICE.replace(": ", " : ").encode(),
        b'{"email" : 1, "email":2}',
        TWICE.encode("utf-16"),
        f'{{"people": [{TWICE}]}}'.encode(),
        f"[{TWICE}, {TWICE}]".encode(),
        TWICE.replace("}", ",}").encode(),
        f"{TWICE}\n{TWICE}".encode(),
        rb'{"email": 1, "\u0065mail": 2}',
    ],
)
def test_a_key_with_two_values_is_noted_without_them(body: bytes) -> None:
    notes = Notes()
    read_json(body, notes=notes)
    (note,) = [note for note in notes if note.code == REPEATED]
    assert note.path == "email"
    assert "read as a list" in note.message
    assert "example.com" not in note.message


def test_all_of_them_count_as_in_a_form() -> None:
    both = {"email": ["ada@example.com", "grace@example.com"]}
    assert read_json(TWICE.encode()) == both
    assert read_json(TWICE.replace("}", ",}").encode()) == both
    assert read_json(b'{"a": [1, 2], "a": 3, "b": 4, "a": [1, 2]}') == {"a": [1, 2, 3, 1, 2], "b": 4}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 1}',
        rb'{"a": "it says \":", "b": "\": \" :"}',
        b'{"a": "\\u0022:"}',
        b'[{"a": 1}, {"a": 2}]',
        b'{"a" : {"b"\t: [1, {"a":2}]}}',
    ],
)
def test_what_is_not_two_values_of_one_key_is_not_noted(body: bytes) -> None:
    assert _codes(body) == []


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_json_that_names_each_key_once_is_noted(value: object) -> None:
    for text in (json.dumps({"a": value}), json.dumps({"a": value}, indent=1, ensure_ascii=False)):
        assert REPEATED not in _codes(text.encode("utf-8", "surrogatepass"))
