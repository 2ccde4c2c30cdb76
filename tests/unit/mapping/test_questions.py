"""A question is found by its key, else by its text, else by an alias, and what one event found serves the next."""

from __future__ import annotations

from bridge.expressions import MISSING
from bridge.mapping.context import Run
from bridge.mapping.questions import answered, by_every_name, one_value
from bridge.model import Answer, Event, Kind, Question

ANSWERS = (
    Answer(key="q1", value="Ada", label="Your name?", aliases=("name", "Phone")),
    Answer(key="q2", value="1843", label="Phone"),
    Answer(key="phone", value="1852", label="Phone"),
)


def test_a_key_wins_over_every_text() -> None:
    assert answered(ANSWERS)["phone"] == (2,)


def test_a_text_wins_over_an_alias_and_may_fit_several() -> None:
    assert answered(ANSWERS)["PHONE:"] == (1, 2)


def test_an_alias_is_found_where_no_text_is() -> None:
    assert answered(ANSWERS)["Name"] == (0,)


def test_what_nobody_answered_is_nowhere() -> None:
    assert answered(ANSWERS)["Company"] == ()


def test_answers_of_one_key_are_one_question_with_several_values() -> None:
    twice = (Answer(key="q1", value="0", label="Then"), Answer(key="q1", value=["1", "2"], label="Now"))
    assert answered(twice)["q1"] == (0, 1)
    assert one_value(twice) == by_every_name(twice)["q1"] == ["0", "1", "2"]


def test_questions_of_one_text_have_a_value_where_they_agree() -> None:
    one, same, other = (Answer(key=f"q{place}", value=value, label="Mail") for place, value in enumerate("aab"))
    assert one_value((one, same)) == "a"
    assert one_value((one, other)) is MISSING


def test_events_of_one_form_share_what_was_found_whatever_they_say() -> None:
    later = tuple(Answer(key=one.key, value="?", label=one.label, aliases=one.aliases) for one in ANSWERS)
    assert answered(later) is answered(ANSWERS)
    assert answered(later[:2]) is not answered(ANSWERS)


def test_the_names_of_huge_forms_are_found_and_not_cached() -> None:
    huge = tuple(
        Answer(key=f"{'q' * 1_000}{number}", value=number, label=f"Question {number}") for number in range(600)
    )
    assert answered(huge)["question 200"] == (200,)
    assert answered(huge) is not answered(huge)


def test_many_answers_of_one_label_cost_no_more_than_others() -> None:
    same = tuple(Answer(key=f"q{number}", value=number, label="a") for number in range(5_000))
    assert answered(same)["A"] == tuple(range(5_000))


def _run(questions: tuple[Question, ...] | None) -> Run:
    return Run(Event(item=0, kind=Kind.SUBMISSION, questions=questions))


def test_a_form_that_reports_no_questions_may_have_asked_anything() -> None:
    assert _run(None).is_asked("Phone")


def test_a_question_is_asked_by_its_exact_key_or_any_name_alike() -> None:
    run = _run((Question(key="q1", label="Your name?", aliases=("name",)), Question(key="Q2")))
    assert all(map(run.is_asked, ("q1", "your NAME", "Name", "q2")))
    assert not run.is_asked("Phone")
    assert not _run(()).is_asked("Phone")
