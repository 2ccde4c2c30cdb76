"""An event without a usable address names the place of one, or what went wrong on the way, and never the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.mapping.address_hints import missing, unusable
from bridge.mapping.context import Run
from bridge.model import Answer, Event, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping.hook_mapping import HookMapping

ADA = "ada@example.com"


@pytest.mark.parametrize(
    ("body", "fix"),
    [
        ({"contact": [{"email": ADA}]}, '`Lead Email: {from: "body.contact[0].email"}`'),
        ({"recipient": {"email": ADA}}, "`Lead Email: {from: body.recipient.email}`"),
        ({"data": {"E-mail": ADA}}, '`Lead Email: {from: "body.data.\\"E-mail\\""}`'),
        ({"buyer": {"mail": ADA}, "seller": {"mail": "b@example.net"}}, "body.buyer.mail}` or `Lead Email: "),
        ({"payload": '{"email": "ada@example.com"}'}, "let the sender post that JSON itself"),
        ({"people": {ADA: {"email": ADA}}}, "let the form ask for one"),
        ({"note": "write to ada@example.com"}, "let the form ask for one"),
        ([], "let the form ask for one"),
    ],
)  # fmt: skip
def test_the_place_of_an_address_is_named(body: Any, fix: str) -> None:
    where, found = missing(Event(item=0, kind=Kind.SUBMISSION, body=body))
    assert fix in found
    assert "example" not in where + found


def test_a_question_is_named_before_a_path() -> None:
    where, fix = missing(
        Event(
            item=0,
            kind=Kind.SUBMISSION,
            body={"x": ADA},
            answers=(Answer(key="q1", label="Doctor: who?", value=ADA),),
        )
    )
    assert (where, fix.split("`")[1]) == (
        "; an address stands at answer 'Doctor: who?'",
        'Lead Email: {answer: "Doctor: who?"}',
    )


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("ada news@example.com", "a + as %2B"),
        ("ada%40example.com", "escaped twice"),
        ("ada%2540example.com", "escaped twice"),
        ("ada@example.com;first_name=Ada", "application/x-www-form-urlencoded"),
        ("ada@example.com\r\nfirst_name=Ada\r\nn=1", "application/x-www-form-urlencoded"),
        ("{{contact.email}}", "placeholder"),
        ("[your-email]", "placeholder"),
        ("%EMAIL%", "placeholder"),
        ("ada@example.com / bob@example.com", "several addresses"),
        ("none", "checks addresses"),
    ],
)
def test_what_went_wrong_on_the_way_is_named(text: str, fix: str) -> None:
    assert fix in unusable(text)


@pytest.mark.parametrize("body", [{"contact": [{"e-mail": ADA}]}, {"a b": {"ü": ADA}}, {"4": ADA}])
def test_what_the_fix_says_can_be_written_as_it_is(body: Any, lead_mapping: Callable[[str], HookMapping]) -> None:
    event = Event(item=0, kind=Kind.SUBMISSION, body=body)
    mapping = lead_mapping(missing(event)[1].split("`")[1].removeprefix("Lead Email: "))
    assert next(field for field in mapping.lead if field.name == "X").value(Run(event)) == ADA
