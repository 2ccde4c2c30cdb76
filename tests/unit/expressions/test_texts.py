"""Names are compared as people read them, within bounds of time and memory."""

from __future__ import annotations

import unicodedata

import pytest

from bridge.expressions.texts import LONGEST, comparable, normal_label, without_entities


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


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("O&#39;Brien", "O'Brien"),
        ("O&#x27;Brien &amp; Söhne", "O'Brien & Söhne"),
        ("M&uuml;ller&nbsp;GmbH", "Müller GmbH"),
        ("R&amp;amp;D &amp;#39;x&amp;#39;", "R&amp;D &#39;x&#39;"),  # once
        ("AT&T; Tom &copy Jerry & Co; a&b;c", "AT&T; Tom &copy Jerry & Co; a&b;c"),
        ("?a=1&copy=2&reg_id=3", "?a=1&copy=2&reg_id=3"),
        ("&#0;&#xD800;&#99999999;", "\ufffd\ufffd&#99999999;"),
    ],
)
def test_entities_of_values_are_read_once(sent: str, read: str) -> None:
    assert without_entities(sent) == read
    assert without_entities({"&amp;": [sent, 1, None, {"a": sent}]}) == {"&amp;": [read, 1, None, {"a": read}]}


def test_a_long_name_is_compared_as_it_is() -> None:
    marks = "a" + "\u0301\u0316" * LONGEST
    assert comparable(marks) is marks
