"""Presets as data: loading them, and every word of their language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import TooLargeError, UnreadableError
from bridge.intake import Content, Preset, load_preset, load_presets, parse, preset_document, read_events
from bridge.intake.verification.scheme import NoVerification
from bridge.model import Answer, Kind, Limits, Question

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.model import Event
    from tests.unit.intake.conftest import MakeVerified

HEAD = "name: x\ntitle: X\ncategory: general\ndocs: []\nsetup: []\nverify: none\nbody: any\n"


def _preset(text: str) -> Preset:
    preset = load_preset(HEAD + text, "x.yaml")
    assert isinstance(preset, Preset), preset
    return preset


def _events(text: str, body: Any, make_verified: MakeVerified) -> tuple[Event, ...]:
    return read_events(_preset(text), make_verified(b""), Content(value=body))


def _event(text: str, body: Any, make_verified: MakeVerified) -> Event:
    (event,) = _events(text, body, make_verified)
    return event


def test_without_split_the_whole_body_is_one_event(make_verified: MakeVerified) -> None:
    event = _event("id: body.n", {"n": 7}, make_verified)
    assert (event.item, event.id, event.kind) == (0, "7", Kind.SUBMISSION)
    assert event.body == event.request == {"n": 7}


def test_a_batch_is_split_into_events_and_what_has_no_value_is_passed_over(make_verified: MakeVerified) -> None:
    changes = [{"value": {"id": 1}}, {"field": "feed"}, {"value": {"id": 2}}]
    body = {"entry": [{"changes": changes}, {"changes": [{"value": {"id": 3}}]}]}
    events = _events("split: request.entry[].changes[].value\nid: body.id", body, make_verified)
    assert [(event.item, event.id) for event in events] == [(0, "1"), (1, "2"), (2, "3")]


def test_a_body_without_the_list_it_is_split_at_is_unreadable(make_verified: MakeVerified) -> None:
    with pytest.raises(UnreadableError, match="no events where 'x' has them"):
        _events("split: request.entry", {"other": []}, make_verified)


@pytest.mark.parametrize("body", ["text", 7, None, [{"a": 1}]])
def test_a_body_that_is_no_object_is_unreadable(body: Any, make_verified: MakeVerified) -> None:
    with pytest.raises(UnreadableError, match="one JSON object"):
        _events("", body, make_verified)


def test_too_many_events_are_refused(make_verified: MakeVerified) -> None:
    with pytest.raises(TooLargeError, match="3 events"):
        read_events(_preset("split: request"), make_verified(b""), Content(value=[{}, {}, {}]), limits=Limits(events=2))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"name": "O&#39;Brien"}', "application/json"),
        (b'{"name": "O\\u0026#39;Brien"}', "application/json"),
        (b"name=O%26%2339%3BBrien", "application/x-www-form-urlencoded"),
        (b"name=O%26%2339%3bBrien", "application/x-www-form-urlencoded"),
        (
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nO&#39;Brien\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_entities_of_html_are_read_in_every_kind_of_body(
    body: bytes, content_type: str, make_verified: MakeVerified
) -> None:
    verified = make_verified(body, content_type)
    preset = _preset("contact: {last_name: body.name}")
    (event,) = read_events(preset, verified, parse(verified, preset.body))
    assert event.contact.last_name == "O'Brien"


@pytest.mark.parametrize(
    ("answers", "first_name"),
    [
        ({"1.3": "Ada", "1.6": "Byron"}, "Ada"),
        ({"27.2": "", "27.3": "Ada", "27.6": ""}, "Ada"),
        ({"4.1": "Street", "4.3": "London", "4.6": "UK", "9.3": "Ada", "9.6": "Byron"}, "Ada"),
        ({"4.1": "Street", "4.3": "London", "4.6": "UK"}, None),
        ({"5.3": "Blue"}, None),
        ({"2.3": "", "2.6": "", "12.3": "Ada", "12.6": "Byron"}, "Ada"),
    ],
)
def test_a_part_is_known_by_what_is_next_to_it(
    answers: dict[str, str], first_name: str | None, make_verified: MakeVerified
) -> None:
    text = "answers: body\ncontact: {first_name: [usual, {ending: '.3', next_to: '.6', unless: '.1'}]}"
    assert _event(text, answers, make_verified).contact.first_name == first_name


def test_json_inside_a_text_is_unpacked(make_verified: MakeVerified) -> None:
    event = _event("unpack: [request.raw]\nanswers: body.raw", {"raw": '{"q3_name": {"first": "Ada"}}'}, make_verified)
    assert event.answers == (Answer(key="q3_name", value={"first": "Ada"}, label="q3_name"),)
    with pytest.raises(UnreadableError):
        _event("unpack: [request.raw]", {"raw": "{"}, make_verified)


KINDS = """
type: body.type
kinds:
  rules:
    - {when: {from: body.is_test, agreed: true}, kind: test}
    - {when: [{from: body.a, is: 1}, {any: [{from: body.b, present: true}, {from: body.c, in: [x]}]}], kind: ping}
  types: {subscribe: submission, gone: deletion}
  otherwise: other
"""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"type": "subscribe"}, Kind.SUBMISSION),
        ({"type": "gone"}, Kind.DELETION),
        ({"type": "new"}, Kind.OTHER),
        ({}, Kind.OTHER),
        ({"type": "gone", "is_test": True}, Kind.TEST),
        ({"type": "gone", "a": 1}, Kind.DELETION),
        ({"type": "gone", "a": 1, "b": 0}, Kind.PING),
        ({"type": "gone", "a": "1", "c": "X"}, Kind.PING),
    ],
)
def test_the_kind_comes_from_the_first_rule_then_the_type(body: Any, kind: Kind, make_verified: MakeVerified) -> None:
    assert _event(KINDS, body, make_verified).kind is kind


@pytest.mark.parametrize(
    ("unit", "value", "at"),
    [
        ("iso", "2026-03-04T15:00:00.123456Z", 1772636400123),
        ("iso", "2026-03-04 15:00:00", 1772636400000),
        ("iso", "2026-03-04T20:30:00+05:30", 1772636400000),
        ("s", 1772636400, 1772636400000),
        ("s", "1772636400.5", 1772636400500),
        ("ms", 1772636400001, 1772636400001),
        ("iso", "soon", None),
        ("s", True, None),
        ("s", "9" * 40, None),
        ("ms", None, None),
        ("iso", {"a": 1}, None),
        ("iso", "1900-01-01", None),
    ],
)
def test_the_senders_time_is_read_in_its_unit(
    unit: str, value: Any, at: int | None, make_verified: MakeVerified
) -> None:
    text = f"at: {{from: [body.none, body.t], unit: {unit}}}"
    assert _event(text, {"t": value}, make_verified).at == at


def test_an_id_may_be_joined_and_falls_back_when_a_part_is_missing(make_verified: MakeVerified) -> None:
    text = "id: [\"join(':', [body.event, body.uri])\", body.uri]"
    assert _event(text, {"event": "made", "uri": "u1"}, make_verified).id == "made:u1"
    assert _event(text, {"uri": "u1"}, make_verified).id == "u1"
    assert _event(text, {}, make_verified).id is None


CONTACT = """
contact:
  email: [body.work, body.home, {type: EMAIL}]
  first_name: {answer: [First name, fname]}
  phone: body.phone
  company: body.items[].company
answers: {list: body.q, key: item.k, label: item.l, type: item.t, value: item.v}
"""


def test_a_contact_part_is_the_first_that_is_not_blank(make_verified: MakeVerified) -> None:
    body = {
        "work": " ",
        "phone": 4915112345678,
        "items": [{"company": ""}, {"company": " Engines Ltd "}],
        "q": [
            {"k": "a", "t": "EMAIL", "v": None},
            {"k": "b", "t": "EMAIL", "v": "ada@example.com"},
            {"k": "c", "l": "* first_NAME:", "v": "Ada"},
        ],
    }
    contact = _event(CONTACT, body, make_verified).contact
    assert (contact.email, contact.first_name, contact.phone) == ("ada@example.com", "Ada", "4915112345678")
    assert (contact.company, contact.last_name) == ("Engines Ltd", None)


@pytest.mark.parametrize("value", ["", "  ", None, True, {"a": 1}, [], [[]]])
def test_what_is_no_text_is_no_contact(value: Any, make_verified: MakeVerified) -> None:
    assert _event("contact: {email: body.e}", {"e": value}, make_verified).contact.email is None


ASKED = """
answers:
  list: body.answers
  key: [item.field.ref, item.field.id]
  type: item.type
  value:
    by_type: {choices: "[item.choices.labels, item.choices.other][]"}
    named_by: item.type
    otherwise: item.fallback
questions: {list: [body.fields, "body.fields[].sub[]"], key: [item.ref, item.id], label: item.title, type: item.type}
"""


def test_answers_are_joined_to_the_questions_asked(make_verified: MakeVerified) -> None:
    body = {
        "fields": [
            {"id": "1", "ref": "name", "title": "Your name", "type": "short_text"},
            {"id": "2", "title": "A group", "sub": [{"id": "3", "ref": "in", "title": "Inside"}]},
        ],
        "answers": [
            {"type": "text", "text": "Ada", "field": {"id": "1"}},
            {"type": "choices", "choices": {"labels": ["a", "b"], "other": "c"}, "field": {"id": "3", "ref": "in"}},
            {"type": "boolean", "boolean": False, "field": {"id": "9"}},
            {"fallback": "f", "field": {"id": "8"}},
            {"type": "text", "text": "no name at all"},
            "no object",
        ],
    }
    event = _event(ASKED, body, make_verified)
    assert event.answers == (
        Answer(key="name", value="Ada", label="Your name", type="text", aliases=("1",)),
        Answer(key="in", value=["a", "b", "c"], label="Inside", type="choices", aliases=("3",)),
        Answer(key="9", value=False, type="boolean"),
        Answer(key="8", value="f"),
    )
    assert event.questions == (
        Question(key="name", label="Your name", aliases=("1",)),
        Question(key="2", label="A group"),
        Question(key="in", label="Inside", aliases=("3",)),
    )


def test_a_sender_that_does_not_tell_its_questions_is_not_an_empty_form(make_verified: MakeVerified) -> None:
    assert _event(ASKED, {"answers": []}, make_verified).questions is None
    assert _event(ASKED, {"fields": []}, make_verified).questions == ()


def test_option_ids_become_their_texts(make_verified: MakeVerified) -> None:
    text = (
        "answers: {list: body.f, key: item.k, value: item.v, options: {list: item.o, id: option.id, text: option.text}}"
    )
    options = [{"id": "u1", "text": "Golf"}, {"id": 2, "text": "Ski"}, "odd"]
    fields = [
        {"k": "a", "v": ["u1", 2, "u3"], "o": options},
        {"k": "b", "v": "u1", "o": options},
        {"k": "c", "v": "u1"},
    ]
    answers = _event(text, {"f": fields}, make_verified).answers
    assert [answer.value for answer in answers] == [["Golf", "Ski", "u3"], "Golf", "u1"]


@pytest.mark.parametrize(
    ("how", "text", "value"),
    [
        ("json", '["Engines", "Poetry"]', ["Engines", "Poetry"]),
        ("json", " [1]", [1]),
        ("json", "[x] marks the spot", "[x] marks the spot"),
        ("json", '{"a": 1}', '{"a": 1}'),
        ("json", "[" * 5000, "[" * 5000),
        ("json", "", ""),
        ("'||'", "Engines||Poetry", ["Engines", "Poetry"]),
        ("'||'", "||Engines || Poetry||", ["Engines", "Poetry"]),
        ("'||'", "Engines|Poetry", "Engines|Poetry"),
    ],
)
def test_a_text_may_hold_a_list(how: str, text: str, value: Any, make_verified: MakeVerified) -> None:
    event = _event(f"answers: {{object: body, list_in_text: {how}}}", {"q": text, "n": 7}, make_verified)
    assert [answer.value for answer in event.answers] == [value, 7]


def test_an_objects_items_may_hold_label_and_value(make_verified: MakeVerified) -> None:
    text = "answers: {object: [body.a, body.b], label: item.label, value: item.value}"
    body = {"a": {"name": {"label": "Your name", "value": "Ada"}}, "b": {"x": {"label": "X"}}}
    assert _event(text, body, make_verified).answers == (
        Answer(key="name", value="Ada", label="Your name"),
        Answer(key="x", value=None, label="X"),
    )


def test_tracking_takes_the_first_of_equal_names_and_only_what_is_wanted(make_verified: MakeVerified) -> None:
    text = "tracking:\n  - {object: body, only: [utm_source]}\n  - {list: body.h, key: item.n, value: item.v}\n"
    body = {"utm_source": "", "email": "e", "h": [{"n": "utm_source", "v": "ads"}, {"n": "utm_source", "v": "late"}]}
    assert _event(text, body, make_verified).tracking == {"utm_source": "ads"}


def test_an_unreadable_preset_names_every_problem_with_its_place() -> None:
    text = HEAD.replace("verify: none", "verify: {body_secret: 'a[?b]'}") + "id: bdy.id\ncontact: {email: 'body.['}\n"
    problems = load_preset(text, "x.yaml")
    assert isinstance(problems, list)
    assert [(problem.path, problem.file, problem.line) for problem in problems] == [
        ("verify.body_secret", "x.yaml", 6),
        ("id", "x.yaml", 8),
        ("contact.email", "x.yaml", 9),
    ]


@pytest.mark.parametrize(
    ("text", "code", "line", "part"),
    [
        ("name: [", "unclosed_bracket", 1, "never closed"),
        ("name: x\nname: y\n", "duplicate_key", 2, "written twice"),
        (HEAD + "anwsers: body\n", "unknown_key", 8, "anwsers"),
        (HEAD + "kinds:\n  otherwise: lead\n", "unknown_choice", 9, "lead"),
        (HEAD + "answer: {status: 500, body: '', content_type: text/plain}\n", "bad_value", 8, "500"),
        (HEAD + "volatile: [request.x]\n", "bad_value", 8, "request.x"),
        (HEAD + "answers: {key: item.k}\n", "no_source", 8, "where the values are"),
        (HEAD + "contact: {email: {part: a}}\n", "unknown_key", 8, "part"),
        (HEAD + "kinds: {rules: [{when: {from: body.a}, kind: test}]}\n", "bad_condition", 8, "one test"),
        (HEAD + "unpack: [raw]\n", "bad_path", 8, "not a plain path"),
        (HEAD.replace("any", "json") + "methods: [GET]\n", "contradiction", 8, "brings a query"),
        (HEAD + "verify_choices: [basic]\n", "contradiction", 8, "already says"),
        (HEAD + "fetch: {steps: [{name: a, url: '{body.u}', token: {query: t}}]}\n", "no_host", 8, "no fixed host"),
        ("- a\n", "wrong_type", 1, "not a list"),
        ("", "empty", 1, "is empty"),
    ],
)
def test_a_faulty_preset_is_refused(text: str, code: str, line: int, part: str) -> None:
    problems = load_preset(text, "x.yaml")
    assert isinstance(problems, list)
    assert any((problem.code, problem.line) == (code, line) and part in problem.message for problem in problems), (
        problems
    )


def test_an_unknown_key_is_answered_with_the_closest_word() -> None:
    problems = load_preset(HEAD + "anwsers: body\n", "x.yaml")
    assert isinstance(problems, list)
    assert problems[0].fix == "did you mean 'answers'?"


def test_a_users_own_preset_takes_the_place_of_ours_and_a_bad_one_does_not_stop_the_rest(tmp_path: Path) -> None:
    ours, own = tmp_path / "ours", tmp_path / "own"
    ours.mkdir()
    own.mkdir()
    (ours / "x.yaml").write_text(HEAD)
    (own / "x.yaml").write_text(HEAD.replace("title: X", "title: Mine"))
    (own / "y.yaml").write_text(HEAD)
    (own / "z.yaml").write_bytes(b"\xff")
    presets, problems = load_presets(ours, own)
    assert {name: preset.title for name, preset in presets.items()} == {"x": "Mine"}
    assert {problem.code for problem in problems} == {"wrong_name", "unreadable_file"}


def test_a_preset_may_demand_an_answer_and_leave_the_signature_to_the_mapping() -> None:
    text = HEAD.replace("verify: none", "verify: choose")
    preset = load_preset(text + "answer: {status: 200, body: '{}', content_type: application/json}\n", "x.yaml")
    assert isinstance(preset, Preset)
    assert preset.verify is None
    assert preset.answer is not None
    assert (preset.answer.status, preset.answer.body) == (200, "{}")
    assert isinstance(_preset("").verify, NoVerification)


def test_the_schema_of_presets_has_the_shape_of_verify_that_mappings_have() -> None:
    text = preset_document.SCHEMA.read_text(encoding="utf-8")
    assert preset_document.refreshed(text) == text
