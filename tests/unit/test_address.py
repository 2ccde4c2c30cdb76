"""Which addresses go to Zoho, and by which form a lead is known."""

from __future__ import annotations

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from bridge.address import normalised, problem, written


@pytest.mark.parametrize("address", ["ada@example.com", "Ada.Lovelace+forms@example.co.uk", "ada@exämple.com"])
def test_an_address_of_usual_form_has_no_problem(address: str) -> None:
    assert problem(address) is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ada,b@example.com", "it holds a comma"),
        ("ada", "@"),
        ("ada@", "after the @"),
        (f"{'a' * 250}@example.com", "longer than 254 bytes"),
        ("ada @example.com", "SPACE"),
    ],
)
def test_a_faulty_address_is_reported_why(address: str, reason: str) -> None:
    assert reason in (problem(address) or "")


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_breaks_the_check_or_the_form(text: str) -> None:
    problem(text)
    assert normalised(normalised(text)) == normalised(text)


_LOCAL = st.text("abcXYZ019._+-'", min_size=1, max_size=70)
_LABEL = st.text("abcXYZ019-", min_size=1, max_size=66)
_LAST = st.sampled_from(["com", "de", "test", "local", "arpa", "invalid", "onion", "LOCAL", "c", "1x", "localhost"])


@given(_LOCAL, st.lists(_LABEL, max_size=3), _LAST)
def test_the_quick_look_lets_nothing_through_that_the_library_refuses(local: str, labels: list[str], last: str) -> None:
    address = f"{local}@{'.'.join([*labels, last])}"
    if problem(address) is None:
        validate_email(address, check_deliverability=False, test_environment=True)


def test_one_lead_is_known_by_one_form() -> None:
    assert normalised(" Ada@EXAMPLE.com ") == "ada@example.com"
    assert normalised("ada@exämple.com") == normalised("ada@XN--EXMPLE-CUA.COM")


def test_different_letters_stay_different_leads() -> None:
    assert normalised("straße@example.com") != normalised("strasse@example.com")


@pytest.mark.parametrize(
    "text",
    [
        *("Ada Lovelace <ada@example.com>", '"Lovelace, Ada" <ada@example.com>', "<ada@example.com>"),
        *("mailto:ada@example.com", "MAILTO:ada@example.com?subject=Hi", "<mailto:ada@example.com>"),
        *("a: <ada@example.com> ", " mailto:ada@example.com", "ada＠example.com"),
        *("ada@example.com <ada@example.com>", "'ADA@example.com' <ada@example.com>", "ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_mail_programs_and_keyboards_write_it(text: str) -> None:
    assert written(text) == "ada@example.com"


@pytest.mark.parametrize(
    "text",
    [
        *("friend@example.net <ada@example.com>", "<ada@example.com>, <friend@example.net>", "Ada <ada>", "Ada: none"),
        *("ada@example.com", " ada@example.com", "mailto:ada@example.com,friend@example.net", "<<ada@example.com>>"),
        '{"email":"ada@example.com"}',
    ],
)
def test_a_text_that_may_mean_another_address_stays_as_it_is(text: str) -> None:
    assert written(text) == text


@given(st.text(alphabet='<>@: a.＠"mailto', max_size=60))
def test_what_was_read_is_read_alike_again(text: str) -> None:
    assert written(written(text)) == written(text)
