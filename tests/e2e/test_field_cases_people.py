"""What senders and browsers really send: the right person or none, and consent that was given. Over real HTTP."""

from __future__ import annotations

import threading
import unicodedata
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import pytest

from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.e2e.conftest import NewSandbox, NewService, Service

ADA, FRIEND = "ada@example.com", "friend@example.net"
LEAD = """
lead:
  Lead Email: contact.email
  First Name: {first_of: [contact.first_name, {from: contact.full_name, name: first}]}
  Phone: contact.phone
actions:
  - subscribe: {list: Newsletter}
"""
NOBODY_ASKED = "verify: none\nconsent: {not_asked: a test}\n"
PRESETS = ("form", "typeform", "elementor", "tally", "pipedrive", "pipedrive-v1", "json")
CONSENTS = {
    "agreed": "{answer: newsletter}",
    "tips": "{answer: topics, is: 'Tips & news'}",
    "tips-in": "{answer: topics, in: ['Tips & news', Offers]}",
    "tips-contains": "{answer: topics, contains: 'Tips & news'}",
    "free": '{answer: "It\'s free"}',
}
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def service(new_service: NewService) -> Service:
    """A receiver with an open hook for each preset and each rule of consent."""
    service = new_service()
    for preset in PRESETS:
        (service.mappings / f"{preset}.yaml").write_text(f"preset: {preset}\n{NOBODY_ASKED}{LEAD}")
    for name, consent in CONSENTS.items():
        (service.mappings / f"{name}.yaml").write_text(f"preset: form\nverify: none\nconsent: {consent}\n{LEAD}")
    service.write(choice=f"preset: form\n{NOBODY_ASKED}{LEAD}".replace("contact.email", "{answer: mine}"))
    service.start("receive")
    return service


def _outcome(service: Service, hook: str, body: Any, headers: dict[str, str] | None = None) -> tuple[str, str, str]:
    """The event's state, its reason, and the lead that is sent to (or an empty text)."""
    answer = service.post(hook, body, headers)
    assert answer.status == 202, answer.body
    (event,) = orjson.loads(answer.body)["events"]
    (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
    return event["state"], event.get("reason", ""), story.deliveries[0].lead if story.deliveries else ""


def _form(service: Service, hook: str, *pairs: tuple[str, str]) -> tuple[str, str, str]:
    return _outcome(service, hook, urlencode(pairs).encode(), FORM_TYPE)


def _typeform(*answers: tuple[str, str], hidden: dict[str, str] | None = None, number: int = 0) -> dict[str, Any]:
    fields = [
        {"id": f"f{at}", "ref": f"r{at}", "title": title, "type": "email"} for at, (title, _) in enumerate(answers)
    ]
    found = [
        {"type": "email", "email": address, "field": {"id": f"f{at}", "ref": f"r{at}", "type": "email"}}
        for at, (_, address) in enumerate(answers)
    ]
    response = {"token": f"t{number}", "hidden": hidden or {}, "definition": {"fields": fields}, "answers": found}
    return {"event_id": f"e{number}", "event_type": "form_response", "form_response": response}


def test_of_two_email_questions_neither_is_guessed_and_both_are_named(service: Service) -> None:
    body = _typeform(("Whom shall we invite?", FRIEND), ("Where do we reach you?", ADA))
    assert _outcome(service, "typeform", body) == ("refused", "ambiguous_address", "")
    (story,) = service.stories(hook="typeform")
    (problem,) = orjson.loads(story.notes)["problems"]
    assert "Whom shall we invite? (r0)" in problem["message"]
    assert "Where do we reach you? (r1)" in problem["message"]
    assert "Lead Email: {answer: ...}" in problem["fix"]


def test_a_question_that_names_a_friend_is_not_the_persons(service: Service) -> None:
    body = _typeform(("Friend's e-mail", FRIEND), ("Your e-mail", ADA), number=1)
    assert _outcome(service, "typeform", body) == ("accepted", "", ADA)
    only = _typeform(("Friend's e-mail", FRIEND), number=2)
    assert _outcome(service, "typeform", only)[::2] == ("refused", "")


def test_a_hidden_field_counts_where_no_question_asks(service: Service) -> None:
    assert _outcome(service, "typeform", _typeform(hidden={"email": ADA}, number=3)) == ("accepted", "", ADA)
    both = _typeform(("Your e-mail", ADA), hidden={"email": FRIEND}, number=4)
    assert _outcome(service, "typeform", both) == ("accepted", "", ADA)


def test_a_parameter_of_the_url_counts_where_no_question_asks(service: Service) -> None:
    assert _form(service, f"form?email={ADA}", ("comment", "hello")) == ("accepted", "", ADA)


def test_elementors_second_email_field_is_never_the_friends(service: Service) -> None:
    fields = {
        "field_1": {"id": "field_1", "type": "email", "title": "E-mail to tell", "value": FRIEND, "raw_value": FRIEND},
        "email": {"id": "email", "type": "email", "title": "E-mail", "value": ADA, "raw_value": ADA},
    }
    pairs = [(f"fields[{name}][{key}]", text) for name, field in fields.items() for key, text in field.items()]
    answer = service.post("elementor", urlencode([("form[id]", "7d2"), *pairs]).encode(), FORM_TYPE)
    assert (answer.status, answer.body) == (200, b"{}")  # what the plug-in counts as received
    (story,) = service.stories(hook="elementor")
    assert (story.state.name, story.reason, story.deliveries) == ("REFUSED", "ambiguous_address", ())


def test_elementors_usual_id_says_less_than_the_label(service: Service) -> None:
    field = {"id": "email", "type": "email", "title": "Doctor", "value": FRIEND}
    pairs = [("form[id]", "7d3"), *((f"fields[email][{key}]", text) for key, text in field.items())]
    service.post("elementor", urlencode(pairs).encode(), FORM_TYPE)
    *_, story = service.stories(hook="elementor")
    assert (story.state.name, story.reason, story.deliveries) == ("REFUSED", "ambiguous_address", ())


@pytest.mark.parametrize(
    "pairs",
    [
        [("email_1", FRIEND), ("email", ADA)],
        [("email", FRIEND), ("email", ADA)],
        [("email_1", FRIEND), ("email_2", ADA)],
        [("friend_email", FRIEND), ("email", "")],
    ],
)
def test_repeated_and_numbered_fields_are_never_decided_by_order(
    service: Service, pairs: Sequence[tuple[str, str]]
) -> None:
    assert _form(service, "form", *pairs)[::2] == ("refused", "")
    assert _form(service, "form", *reversed(pairs), ("again", "1"))[::2] == ("refused", "")


@pytest.mark.parametrize(
    "label",
    [
        "Email manažera",
        "E-mail prijatelja",
        "친구 이메일",
        "بريد صديقك",
        "E-mail van je partner",
        "Send a copy to",
        "Billing e-mail",
        "teacher_email",
        "Doctor",
        "E-Mail des Trainers",
    ],
)
def test_a_forms_only_address_is_not_taken_under_a_label_about_somebody_else(service: Service, label: str) -> None:
    for name in {label, unicodedata.normalize("NFD", label), label.upper()}:
        answer = service.post("form", urlencode([(name, FRIEND)]).encode(), FORM_TYPE)
        (event,) = orjson.loads(answer.body)["events"]
        (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
        assert (story.reason, story.deliveries) == ("ambiguous_address", ())
        (problem,) = orjson.loads(story.notes)["problems"]
        assert f"{name!r} asks for somebody else's" in problem["message"]
        assert "Lead Email: {answer: ...}" in problem["fix"]


@pytest.mark.parametrize(
    "label", ["E-mail účastníka", "Firmen-E-Mail", "이메일 (본인)", "Kam ti máme poslať e-book?", "input_4"]
)
def test_a_forms_only_address_is_taken_under_a_label_of_the_persons_own(service: Service, label: str) -> None:
    assert _form(service, "form", (label, ADA)) == ("accepted", "", ADA)


def test_fields_in_groups_are_found_by_their_own_names(service: Service) -> None:
    assert _form(service, "form", ("form_fields[email]", ADA), ("form_fields[first_name]", "Ada")) == (
        "accepted",
        "",
        ADA,
    )
    assert _form(service, "form", ("friend[email]", FRIEND), ("user[email]", ADA)) == ("accepted", "", ADA)
    assert _form(service, "form", ("friend[email]", FRIEND))[::2] == ("refused", "")
    assert _form(service, "form", ("a[email]", FRIEND), ("b[email]", ADA)) == ("refused", "ambiguous_address", "")
    assert _form(service, "agreed", ("user[email]", ADA), ("user[newsletter]", "áno")) == ("accepted", "", ADA)


def test_the_same_address_twice_is_one(service: Service) -> None:
    assert _form(service, "form", ("email", ADA), ("email", "ADA@example.com "), ("e", "1"))[0] == "accepted"
    assert _form(service, "choice", ("mine", ""), ("mine", ADA), ("mine", ADA)) == ("accepted", "", ADA)


def test_a_repeated_field_that_the_mapping_names_is_not_decided_by_order(service: Service) -> None:
    assert _form(service, "choice", ("mine", FRIEND), ("mine", ADA)) == ("refused", "ambiguous_address", "")


def test_a_name_in_decomposed_letters_is_found(service: Service) -> None:
    name = unicodedata.normalize("NFD", "Prénom")
    _form(service, "form", ("email", "zoe@example.com"), (name, "Zoë"))
    (story,) = service.stories(lead="zoe@example.com")
    assert orjson.loads(story.deliveries[0].body or b"")["First Name"] == "Zoë"


@pytest.mark.parametrize("preset", ["pipedrive", "pipedrive-v1"])
def test_a_blank_or_unusable_primary_entry_is_passed_over(service: Service, preset: str) -> None:
    emails = [{"value": "", "primary": True}, {"value": "none", "primary": False}, {"value": "lin@example.com"}]
    phones = [{"value": " ", "primary": True}, {"value": "+44 20 7946 0958"}]
    if preset == "pipedrive":
        meta: dict[str, Any] = {"action": "create", "entity": "person", "id": "m1", "entity_id": "1", "version": "2.0"}
        body: dict[str, Any] = {"meta": meta, "data": {"id": 1, "emails": emails, "phones": phones}}
    else:
        meta = {"action": "added", "object": "person", "id": 1, "v": 1, "timestamp": 1}
        body = {"v": 1, "meta": meta, "current": {"id": 1, "email": emails, "phone": phones}, "event": "added.person"}
    assert _outcome(service, preset, body) == ("accepted", "", "lin@example.com")
    (story,) = service.stories(hook=preset)
    assert orjson.loads(story.deliveries[0].body or b"")["Phone"] == "+44 20 7946 0958"


GERMAN = [("vollständiger_name", "Ada Lovelace"), ("e-mail-adresse", ADA), ("telefonnummer", "+44 20 7946 0958")]


@pytest.fixture
def graph() -> Iterator[str]:
    """Meta's Graph API in this process, with a lead of a German form."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fields = [{"name": name, "values": [value]} for name, value in GERMAN]
            body = orjson.dumps({"id": "7", "field_data": fields})
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_german_lead_form_of_meta_is_understood(new_service: NewService, new_sandbox: NewSandbox, graph: str) -> None:
    service = new_service(**new_sandbox().settings, META_TOKEN="page", LEADBRIDGE_FETCH_URL=graph)
    service.write(ads=f"preset: meta-lead-ads\nfetch: {{token: META_TOKEN}}\n{NOBODY_ASKED}{LEAD}")
    running = service.start("serve")
    change = {"field": "leadgen", "value": {"leadgen_id": "7", "form_id": "9", "created_time": 1_700_000_000}}
    service.post("ads", {"object": "page", "entry": [{"id": "1", "time": 1, "changes": [change]}]})
    assert wait_until(lambda: service.delivery_states(ADA) == ["delivered"])
    (story,) = service.stories(lead=ADA)
    leadinfo = orjson.loads(story.deliveries[0].body or b"")
    assert (leadinfo["First Name"], leadinfo["Phone"]) == ("Ada", "+44 20 7946 0958")
    assert running.stop() == 0


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        (["0", "1"], "accepted"),
        (["1", "0"], "accepted"),
        (["1", "1"], "accepted"),
        (["", "on"], "accepted"),
        (["newsletter"], "accepted"),
        (["Sì"], "accepted"),
        (["\u00a0Ja\u00a0"], "accepted"),
        (["0"], "ignored"),
        (["0", "0"], "ignored"),
        (["no", "off"], "ignored"),
        (["maybe", "on"], "ignored"),
        (['["on"]'], "accepted"),
        (["[]"], "ignored"),
    ],
)
def test_a_ticked_box_is_consent_however_it_is_sent(service: Service, values: list[str], outcome: str) -> None:
    pairs = [("newsletter", value) for value in values]
    state, reason, _ = _form(service, "agreed", ("email", ADA), *pairs, ("case", "-".join(values)))
    assert (state, reason) == (outcome, "" if outcome == "accepted" else "no_consent")


def test_unclear_consent_is_none_with_a_warning_that_shows_its_shape_alone(service: Service) -> None:
    answer = service.post("agreed", urlencode({"email": ADA, "newsletter": "perhaps later"}).encode(), FORM_TYPE)
    (event,) = orjson.loads(answer.body)["events"]
    (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
    (warning,) = orjson.loads(story.notes)["warnings"]
    assert warning["code"] == "unclear_consent"
    assert "a text of 13 characters" in warning["message"]
    assert "perhaps" not in warning["message"]


@pytest.mark.parametrize("hook", ["tips", "tips-in", "tips-contains"])
@pytest.mark.parametrize("value", ["Tips &amp; news", "tips & NEWS", "Tips\u00a0& news", "Tips &amp;amp; news"])
def test_a_choice_is_read_through_entities_and_letter_case(service: Service, hook: str, value: str) -> None:
    assert _form(service, hook, ("email", ADA), ("topics", "0"), ("topics", value))[0] == "accepted"


@pytest.mark.parametrize("index", ["0", "1", "7"])
def test_a_ticked_box_with_a_number_is_consent(service: Service, index: str) -> None:
    assert _form(service, "agreed", ("email", ADA), (f"newsletter[{index}]", "on"))[0] == "accepted"


@pytest.mark.parametrize("hook", ["tips", "tips-in"])
@pytest.mark.parametrize("value", ["Offers, Tips & news", "Tips & news!!", "Tips＆news", "<b>Tips & news</b>"])
def test_a_choice_among_others_is_unclear_and_not_silently_none(service: Service, hook: str, value: str) -> None:
    assert _form(service, hook, ("email", ADA), ("topics", value))[:2] == ("ignored", "no_consent")
    *_, story = service.stories(hook=hook)
    assert [one["code"] for one in orjson.loads(story.notes)["warnings"]] == ["unclear_consent"]


@pytest.mark.parametrize("name", ["It&#039;s free", "It’s free", "It's_free", "it's FREE:", "It&#x27;s free"])
def test_a_question_is_found_through_entities(service: Service, name: str) -> None:
    assert _form(service, "free", ("email", ADA), (name, "on"))[0] == "accepted"
