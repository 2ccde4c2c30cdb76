"""The questions of a form are read once for all its events, and again as soon as anything of them differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.intake import Content, Preset, load_preset, read_events
from bridge.intake.events.questions import MOST_FORMS

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeVerified

HEAD = "name: x\ntitle: X\ncategory: general\ndocs: []\nsetup: []\nverify: none\nbody: json\n"
LISTS = "questions:\n  list: [body.form.fields, 'body.form.fields[].inner[]']\n  key: item.ref\n  label: item.title\n"


def _preset(text: str) -> Preset:
    preset = load_preset(HEAD + text, "x.yaml")
    assert isinstance(preset, Preset), preset
    return preset


def _labels(preset: Preset, body: Any, make_verified: MakeVerified) -> list[str] | None:
    (event,) = read_events(preset, make_verified(b""), Content(value=body))
    return None if event.questions is None else [question.label for question in event.questions]


def _body(*titles: str, inner: str = "") -> dict[str, Any]:
    fields: list[dict[str, Any]] = [{"ref": f"q{number}", "title": title} for number, title in enumerate(titles)]
    if inner:
        fields[0]["inner"] = [{"ref": "in", "title": inner}]
    return {"form": {"fields": fields}}


def test_a_renamed_question_is_seen_at_once(make_verified: MakeVerified) -> None:
    preset = _preset(LISTS)
    assert _labels(preset, _body("Name"), make_verified) == ["Name"]
    assert _labels(preset, _body("Full name"), make_verified) == ["Full name"]
    assert _labels(preset, _body("Name"), make_verified) == ["Name"]


def test_a_question_inside_a_group_is_seen_too(make_verified: MakeVerified) -> None:
    preset = _preset(LISTS)
    assert _labels(preset, _body("Group", inner="Name"), make_verified) == ["Group", "Name"]
    assert _labels(preset, _body("Group", inner="Town"), make_verified) == ["Group", "Town"]


def test_the_questions_of_a_form_are_read_once(make_verified: MakeVerified) -> None:
    preset = _preset(LISTS)
    questions = [read_events(preset, make_verified(b""), Content(value=_body("Name")))[0].questions for _ in range(2)]
    assert questions[0] is questions[1]
    assert questions[0] is not None


def test_no_more_forms_are_remembered_than_are_needed(make_verified: MakeVerified) -> None:
    preset = _preset(LISTS)
    for number in range(3 * MOST_FORMS):
        assert _labels(preset, _body(f"Name {number}"), make_verified) == [f"Name {number}"]
    assert len(preset.recipe.questions.cache) == MOST_FORMS


@pytest.mark.parametrize("label", ["body.title", "item.title || body.title"])
def test_what_depends_on_more_than_the_list_is_read_for_every_event(label: str, make_verified: MakeVerified) -> None:
    preset = _preset(f"questions:\n  list: body.fields\n  key: item.ref\n  label: {label}\n")
    for title in ("One", "Two"):
        assert _labels(preset, {"title": title, "fields": [{"ref": "q"}]}, make_verified) == [title]


def test_an_event_that_reports_no_questions_says_so_each_time(make_verified: MakeVerified) -> None:
    preset = _preset(LISTS)
    bodies: list[dict[str, Any]] = [{}, {"form": {"fields": []}}, {}]
    for body in bodies:
        assert _labels(preset, body, make_verified) == ([] if body else None)


def test_a_form_is_known_again_though_its_questions_stand_among_the_answers(make_verified: MakeVerified) -> None:
    fields = "{list: body.fields, key: item.ref, label: item.title, value: item.value}"
    preset = _preset(f"answers: {fields}\nquestions: {{list: body.fields, key: item.ref, label: item.title}}\n")
    for value in ("Ada", "Grace", "Alan"):
        body = {"fields": [{"ref": "q1", "title": "Name", "value": value}]}
        (event,) = read_events(preset, make_verified(b""), Content(value=body))
        assert [answer.value for answer in event.answers] == [value]
        assert event.questions is not None
    assert len(preset.recipe.questions.cache) == 1
    assert _labels(preset, {"fields": [{"ref": "q1", "title": "Full name"}]}, make_verified) == ["Full name"]


def test_texts_of_options_are_those_of_each_event(make_verified: MakeVerified) -> None:
    options = "options: {list: item.options, id: option.id, text: option.text}"
    preset = _preset(
        "answers: {list: body.answers, key: item.ref, value: item.value}\n"
        f"questions: {{list: body.fields, key: item.ref, label: body.title, {options}}}\n"
    )
    for text in ("Red", "Blue"):
        field = {"ref": "q1", "options": [{"id": 1, "text": text}]}
        body = {"title": "Colour", "fields": [field], "answers": [{"ref": "q1", "value": 1}]}
        (event,) = read_events(preset, make_verified(b""), Content(value=body))
        assert [(answer.label, answer.value) for answer in event.answers] == [("Colour", text)]


def test_a_form_with_half_a_surrogate_pair_is_read(make_verified: MakeVerified) -> None:
    assert _labels(_preset(LISTS), _body("Name \ud83d"), make_verified) == ["Name \ud83d"]
