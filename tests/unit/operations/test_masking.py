"""What is masked, and what may be read all the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.operations.masking import DOTS, Mask, words_of

MASK = Mask(revealed=False, vocabulary={"Newsletter", "email"})

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ada@example.com", "a•••@e•••.com"),
        ("ada@localhost", "a•••@•••"),
        ("Ada", "A•••"),
        (" Ada ", "A•••"),
        ("", ""),
        ("yes", "yes"),
        ("True", "True"),
        ("newsletter", "newsletter"),
        ("+91 98765 43210", "+•••"),
    ],
)
def test_a_text_shows_its_first_letter_at_most(text: str, shown: str) -> None:
    assert MASK.text(text) == shown


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            "ada@example.com: Subscribe to 'Newsletter': subscribed",
            "a•••@e•••.com: Subscribe to 'Newsletter': subscribed",
        ),
        ("'charles at example' is not an address", "'c•••' is not an address"),
        ('"O\'Brien" is too long', '"O•••" is too long'),
        ("Zoho's plan is full: the list's owner", "Zoho's plan is full: the list's owner"),
        ("call +91 98765 43210 failed at 2026-11-28 14:55:22 UTC", "call ••• failed at 2026-11-28 14:55:22 UTC"),
        ("there is no answer 'email'", "there is no answer 'email'"),
        ("(Zoho: 2006 <ada@example.com> is blocked)", "(Zoho: 2006 <a•••@e•••.com> is blocked)"),
    ],
)
def test_a_sentence_keeps_its_words_and_masks_what_it_quotes(sentence: str, shown: str) -> None:
    assert MASK.sentence(sentence) == shown


@given(values)
def test_nothing_of_a_value_but_its_form_and_first_letters_is_left(value: Any) -> None:
    def check(before: Any, after: Any) -> None:
        if isinstance(before, dict):
            assert before.keys() == after.keys()
            for name in before:
                check(before[name], after[name])
        elif isinstance(before, list):
            for one, other in zip(before, after, strict=True):
                check(one, other)
        elif isinstance(before, str) and len(before.strip()) > 1 and after != before:
            assert after.endswith(DOTS) or DOTS in after
            assert before.strip() not in after
        elif isinstance(before, int | float) and not isinstance(before, bool):
            assert after == DOTS

    check(value, MASK.value(value))


@given(values)
def test_what_is_revealed_is_as_it_was(value: Any) -> None:
    assert Mask(revealed=True).value(value) == value


def test_the_words_of_a_mapping_are_its_keys_values_and_parts_of_paths() -> None:
    words = words_of("lead:\n  Lead Email: {from: body.contact.mail}\nactions:\n  - subscribe: {list: News}\n")
    assert {"lead", "Lead Email", "body.contact.mail", "mail", "News"} <= words
