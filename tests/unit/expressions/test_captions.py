"""The texts of questions out of a summary of the answered ones."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.expressions import captions
from bridge.expressions.captions import LONGEST_SUMMARY
from bridge.model import Answer, Event, Kind


def _captions(summary: str, **answers: Any) -> dict[str, str]:
    event = Event(item=0, kind=Kind.SUBMISSION, captions=summary, answers=tuple(map(Answer, answers, answers.values())))
    return captions(event)


@pytest.mark.parametrize(
    ("summary", "answers", "texts"),
    [
        pytest.param("Name:Ada, E-mail:ada@example.com", {"q1": "Ada", "q2": "ada@example.com"}, ["Name", "E-mail"]),
        pytest.param(
            "Key: with colon, and comma:a: b, c, Pick some, any::One; 1 Two, Last:z",
            {"q1": "a: b, c", "q2": ["One; 1", "Two"], "q3": "z"},
            ["Key: with colon, and comma", "Pick some, any", "Last"],
            id="colons and commas in both",
        ),
        pytest.param(
            "Born:1991-03-04, Phone (with code)::81 999888559",
            {"q1": {"month": "03", "day": "04", "year": "1991"}, "q2": {"area": "81", "phone": "999888559"}},
            ["Born", "Phone (with code)"],
            id="parts in any order",
        ),
        pytest.param("Terms?:Yes, News?:Yes", {"q1": "Yes", "q2": "Yes"}, ["Terms?", "News?"], id="alike, in order"),
        pytest.param("Terms:Yes, Tips &amp; news:a &amp; b", {"q1": "Yes", "q2": "a & b"}, ["Terms", "Tips & news"]),
    ],
)
def test_each_answered_question_has_its_text(summary: str, answers: dict[str, Any], texts: list[str]) -> None:
    assert list(_captions(summary, **answers).values()) == texts


def test_a_blank_answer_changes_no_other_text() -> None:
    blank = _captions("Name:Ada, City:Paris", q1="Ada", q2="", q3={"month": "", "day": ""}, q4="Paris")
    assert blank == {"q1": "Name", "q4": "City"}


def test_an_answer_that_looks_like_a_question_gives_none_away() -> None:
    found = _captions("Remarks:x, May we write to you?:Yes, Member?:Yes", q1="x, May we write to you?:Yes", q2="Yes")
    assert found == {"q1": "Remarks", "q2": "Member?"}
    forged = _captions("Remarks:x y, News?:Yes, Member?:Yes", q1="x, y", q2="Yes")
    assert "q2" not in forged


def test_a_summary_that_holds_none_of_the_answers_gives_no_texts() -> None:
    assert _captions("Nome:Bob", q1="Ada") == {}
    assert _captions("", q1="Ada") == {}


def test_of_a_long_summary_only_the_beginning_is_read() -> None:
    assert _captions("a:b, " * LONGEST_SUMMARY + "Name:Ada", q1="Ada") == {}
