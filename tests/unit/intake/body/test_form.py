"""How the names of a form's fields nest, and that what is written of it reads as the same values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.intake.body.content import Content, Notes
from bridge.intake.body.form import nested, read_urlencoded
from bridge.intake.body.write import write_body
from bridge.model import DEFAULT_LIMITS

NAMES = st.tuples(st.sampled_from(["a", "b"]), st.lists(st.sampled_from(["", "0", "1", "2", "x"]), max_size=3)).map(
    lambda parts: parts[0] + "".join(f"[{step}]" for step in parts[1])
)


@given(st.lists(NAMES, min_size=1, max_size=6))
def test_a_form_that_is_written_again_reads_as_the_same_values(names: list[str]) -> None:
    value = nested([(name, str(number)) for number, name in enumerate(names)])
    written, _ = write_body(Content(value=value, form="form"))
    assert read_urlencoded(written, "", DEFAULT_LIMITS, Notes()) == value


@given(st.lists(NAMES, min_size=1, max_size=6))
def test_no_value_of_a_form_is_lost(names: list[str]) -> None:
    values = [str(number) for number in range(len(names))]
    assert sorted(_texts(nested(zip(names, values, strict=True)))) == values


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[1]=1&a[]=2", {"a": {"1": "1", "2": "2"}}),
        ("a[b][][0]=1&a[b][1]=2", {"a": {"b": [["1"], "2"]}}),
        ("a[1]=1&a[][x]=2&a[x]=3", {"a": {"1": "1", "2": {"x": "2"}, "x": "3"}}),
        ("a=1&a[]=2", {"a": "1", "a[]": "2"}),
    ],
)
def test_brackets_without_a_number_stand_for_the_next_one(fields: str, value: dict[str, Any]) -> None:
    assert nested(tuple(pair.split("=")) for pair in fields.split("&")) == value  # type: ignore[misc]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [text for inner in (value.values() if isinstance(value, dict) else value) for text in _texts(inner)]
    return [value]
