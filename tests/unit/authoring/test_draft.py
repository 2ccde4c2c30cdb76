"""The first text of a mapping asks what only a person can say."""

from __future__ import annotations

from bridge import intake
from bridge.authoring.draft import draft
from bridge.hooks import folder
from bridge.hooks.presets import SHIPPED
from bridge.model import Answer, Event, Kind

PRESETS = intake.load_presets(SHIPPED)[0]


def _event(**rest: object) -> Event:
    answers = (
        Answer(key="q1", value="friend@example.net", label="Whom to invite?"),
        Answer(key="q2", value="ada@example.com", label="Your address"),
    )
    return Event(item=0, kind=Kind.SUBMISSION, answers=answers, **rest)  # type: ignore[arg-type]


def test_two_email_questions_leave_a_choice_and_no_guess() -> None:
    text = draft(
        PRESETS["typeform"], name="x", event=_event(ambiguous={"email": ("Whom to invite? (q1)", "Your address (q2)")})
    )
    assert "Lead Email:   contact.email\n" in text
    assert "# Lead Email:" in text
    for key, label in (("q1", "Whom to invite? (q1)"), ("q2", "Your address (q2)")):
        (line,) = [line for line in text.splitlines() if f"{{answer: {key}}}" in line]
        assert line.startswith("  # Lead Email:")
        assert label in line


def test_a_draft_with_a_choice_can_be_read() -> None:
    text = draft(PRESETS["typeform"], name="x", event=_event(ambiguous={"email": ("Whom\nto # invite? (q1)", "q2")}))
    found = folder.judge(text, name="x", file="x.yaml", presets=PRESETS)
    assert [problem for problem in found.problems if problem.severity.name == "ERROR"] == []


def test_a_draft_proposes_what_to_do_for_people_who_leave_where_the_sender_can_tell() -> None:
    assert "#   when: {from: kind, is: unsubscribe}\n" in draft(PRESETS["mailchimp"], name="x")
    assert "withdraw" not in draft(PRESETS["typeform"], name="x")


def test_what_a_draft_proposes_can_be_read_once_the_marks_are_taken_away() -> None:
    for preset in PRESETS.values():
        text = draft(preset, name="x")
        start = text.find("# withdraw:")
        if start < 0:
            continue
        block = "".join(line.removeprefix("# ") for line in text[start:].splitlines(keepends=True)[:4])
        found = folder.judge(text + block, name="x", file="x.yaml", presets=PRESETS)
        assert [problem for problem in found.problems if problem.severity.name == "ERROR"] == [], preset.name
