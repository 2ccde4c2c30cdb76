"""What one event's names may cost: no time that grows with their square, no memory that is never given back."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.errors import TooLargeError
from bridge.intake import Content, NoVerification, Preset, load_preset, read_events, verify
from bridge.intake.events.questions import MOST_BYTES
from bridge.model import Request

HEAD = "name: x\ntitle: X\ncategory: general\ndocs: []\nsetup: []\nverify: none\nbody: json\ncontact: usual\n"
ASKED = "questions: {list: body.questions, key: item.ref, label: item.title}\nanswers: body.answers\n"
REQUEST = Request(hook="x", method="POST", url="", headers={}, query={}, body=b"", received_at=0)


def _preset(text: str) -> Preset:
    preset = load_preset(HEAD + text, "x.yaml")
    assert isinstance(preset, Preset), preset
    return preset


def _read(preset: Preset, body: Any) -> Any:
    (event,) = read_events(preset, verify(REQUEST, NoVerification(), {}, now=0), Content(value=body))
    return event


def test_no_more_answers_are_read_than_form_fields() -> None:
    preset = _preset("answers: body\n")
    assert len(_read(preset, {f"q{number}": 1 for number in range(5_000)}).answers) == 5_000
    with pytest.raises(TooLargeError, match="more than 5000 answers"):
        _read(preset, {f"q{number}": 1 for number in range(5_001)})


def test_a_name_of_combining_marks_is_read_as_it_is() -> None:
    name = "a" + "\u0301\u0316" * 100_000  # normalising it would take minutes: the test's own limit stops that
    assert _read(_preset("answers: body\n"), {name: "x", "email": "ada@example.com"}).answers[0].key == name


def test_of_a_form_with_huge_questions_nothing_is_cached() -> None:
    preset = _preset(ASKED)
    for size, cached in ((10, 1), (MOST_BYTES, 1)):
        _read(preset, {"questions": [{"ref": "q", "title": "t" * size}], "answers": {"q": "x"}})
        assert len(preset.recipe.questions.cache) == cached
