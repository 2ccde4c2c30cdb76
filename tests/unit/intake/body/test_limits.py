"""A body that is judged small by its bytes is within the bounds, and holds no number that was rounded."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import UnreadableError
from bridge.intake.body.limits import check_value, is_small
from bridge.model import Limits

LIMITS = Limits(depth=4)
texts = st.text(alphabet='{}[],:"\\a ', max_size=12)
leaves = texts | st.none() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3), max_leaves=12
)


@given(values, st.sampled_from([None, orjson.OPT_INDENT_2]))
def test_what_is_small_is_not_deep_and_was_read_exactly(value: Any, written: int | None) -> None:
    text = orjson.dumps(value, option=written)
    if is_small(text, LIMITS):
        read = orjson.loads(text)
        check_value(read, LIMITS)
        assert repr(read) == repr(json.loads(text))


@given(
    st.integers(min_value=2**63).map(str) | st.integers(max_value=-(2**63) - 1).map(str),
    st.sampled_from(["%s", "[%s]", '{"id":%s}', '{"id": %s}', '{"id":\n%s}', "[1,%s]", "[1,\t%s,1]"]),
)
def test_a_number_that_orjson_would_round_is_never_small(number: str, text: str) -> None:
    assert not is_small((text % number).encode(), LIMITS)


def test_a_text_full_of_brackets_does_not_hide_a_level() -> None:
    text = b'{"a":{"a":{"a":["},{","},{","],["]}}}'
    assert not is_small(text, LIMITS)
    with pytest.raises(UnreadableError, match="deeper than 3"):
        check_value(orjson.loads(text), Limits(depth=3))


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        (b"[" + b",".join([b'{"a":1}'] * 50) + b"]", True),  # many, side by side
        (b'{"id":"1e5","x":1e5,"hash":"0e0123456789"}', True),
        (b'{"id":1234567890123456789}', False),
        (b'{"id":"12345678901234567890"}', True),
        (b"[[[[]]]]", False),
        (b"[" + b"1," * 200_000 + b"1]", False),
    ],
)
def test_small_is_reported_by_the_bytes(text: bytes, is_it: bool) -> None:
    assert is_small(text, LIMITS) is is_it
