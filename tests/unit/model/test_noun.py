"""Nouns: plain objects that compare and hash by their parts."""

from __future__ import annotations

from dataclasses import replace
from inspect import Parameter, signature

import pytest

from bridge import model
from bridge.model import Answer, Target

NOUNS = [value for value in vars(model).values() if isinstance(value, type) and hasattr(value, "__dataclass_fields__")]


def test_nouns_with_equal_parts_are_equal_and_share_a_hash() -> None:
    one, other = Target(api="subscribe", list_name="News"), Target(api="subscribe", list_name="News")
    assert one == other
    assert len({one, other, replace(one, list_name="Other")}) == 2


def test_a_noun_has_no_room_for_what_it_does_not_declare() -> None:
    answer = Answer(key="email", value="ada@example.com")
    with pytest.raises(AttributeError):
        object.__setattr__(answer, "valeu", "charles@example.com")


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: str(kind.__name__))
def test_every_noun_is_made_of_keywords(kind: type[object]) -> None:
    assert {parameter.kind for parameter in signature(kind).parameters.values()} == {Parameter.KEYWORD_ONLY}
