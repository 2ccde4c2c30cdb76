"""JSON and what is nearly JSON: read where it means one thing only, else refused with the place and the fix."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import IntakeError, UnreadableError
from bridge.intake.body.content import Notes
from bridge.intake.body.json_text import read_json
from bridge.model import DEFAULT_LIMITS


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ('{"a": 1,}', {"a": 1}, "line 1, column"),  # of the comma from Python 3.13 on, before of what follows it
        ('{"b": 1,\n"a": [1, 2 ,]}', {"b": 1, "a": [1, 2]}, "line 2, column"),
        ('{"a": ",}"}', {"a": ",}"}, None),
        ('{"a": ",}",}', {"a": ",}"}, "column 1"),
        ('{"a": "x\ty\n"}', {"a": "x\ty\n"}, "control character"),
        ('{"a": 1}\0\0', {"a": 1}, "read all the same"),
        ('{"a": 1}=', {"a": 1}, "read all the same"),
        ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}], "2 JSON values in a row"),
        ('\x1e{"a": 1}\n\x1e{"a": 2}\n', [{"a": 1}, {"a": 2}], "2 JSON values in a row"),
        (json.dumps('{"a": 1}'), {"a": 1}, "holds JSON"),
        (json.dumps(json.dumps('{"a": 1}')), {"a": 1}, "holds JSON"),
        (json.dumps(['{"a": 1}', '{"a": 2}']), [{"a": 1}, {"a": 2}], None),
        ('{"a": NaN, "b": [-Infinity, 1e999]}', {"a": None, "b": [None, None]}, ".a is NaN"),
        ('{"a": 1, "a": 2}', {"a": [1, 2]}, None),
    ],
)
def test_what_can_mean_one_thing_only_is_read_with_a_note(text: str, value: Any, note: str | None) -> None:
    notes = Notes()
    assert read_json(text.encode(), DEFAULT_LIMITS, "", notes) == value
    assert note is None or note in notes[0].message


@pytest.mark.parametrize(
    ("text", "place", "fix"),
    [
        ("{'a': 1}", "line 1, column 2", "double quotes"),
        ("{\u201ca\u201d: 1}", "line 1, column 2", "typographic"),
        ('{"a": 1', "column 8", "too early"),
        ('{"a": "x', "line 1", "too early"),
        ('{\n"a": None}', "line 2, column 6", "Python"),
        ("{a: 1}", "column 2", "without double quotes"),
        ('{"a": "say "hi""}', "column 13", "not escaped"),
        ('{"a": "C:\\d"}', "column 10", "backslash"),
        ('// x\n{"a": 1}', "line 1, column 1", "comments"),
        ('{"a": 1} and more', "column 10", "without double quotes"),
        ('{"a": {{name}}}', "line 1", "placeholder"),
        ('{"a": undefined}', "column 7", "undefined"),
        ('{"a": }', "column 7", "value is missing"),
        ('{"a": 1 "b": 2}', "column 9", "comma is missing"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place_and_its_fix(text: str, place: str, fix: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_json(text.encode())
    assert place in str(caught.value)
    assert fix in str(caught.value)


@given(st.text(alphabet='{}[]",:\\ \n\0=na1N', max_size=40))
def test_any_text_ends_in_a_value_or_a_refusal(text: str) -> None:
    with suppress(IntakeError):
        json.dumps(read_json(text.encode()), allow_nan=False)


@pytest.mark.parametrize("pump", [" ", "=", "\0", ",", "{", "[", '"', "\\", "\n", "1", "a:", "}", ", "])
@pytest.mark.parametrize("head", ["", '{"a":1}', '{"a":1,', '"', "["])
def test_what_is_no_json_is_refused_in_time_that_grows_with_its_length(head: str, pump: str) -> None:
    """Blanks at the end took hours: the test's own limit stops that."""
    with suppress(IntakeError):
        read_json(f"{head}{pump * (400_000 // len(pump))}x".encode())
