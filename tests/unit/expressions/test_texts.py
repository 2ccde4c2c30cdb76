"""Names are compared as people read them, within bounds of time and memory."""

from __future__ import annotations

import unicodedata

import pytest

from bridge.expressions.texts import LONGEST, comparable, normal_label


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It&#039;s free", "it's FREE"),
        ("Tips &amp; news", "Tips & news"),
        ("I&nbsp;agree", "I agree"),
        ("Prénom", unicodedata.normalize("NFD", "PRÉNOM")),
        ("News\u200bletter", "newsletter"),
    ],
)
def test_texts_that_read_alike_are_alike(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)
    assert normal_label(f" {one}: *") == normal_label(other)


def test_a_long_name_is_compared_as_it_is() -> None:
    marks = "a" + "\u0301\u0316" * LONGEST
    assert comparable(marks) is marks
