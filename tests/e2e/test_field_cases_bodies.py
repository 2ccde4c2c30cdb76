"""Bodies as senders really post them: each is read, or refused with what to change, over real HTTP."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import orjson
import pytest

if TYPE_CHECKING:
    from bridge.http import HttpAnswer
    from tests.e2e.conftest import NewService, Service

FORM = "application/x-www-form-urlencoded"
TOKEN = {"X-Token": "a token"}
VERIFY = "secrets: {token: FORM_TOKEN}\nverify: {header_token: X-Token}\n"
LEAD = """
consent: {answer: newsletter}
lead:
  Lead Email: {answer: email}
  First Name: {answer: first_name}
actions:
  - subscribe: {list: Newsletter}
"""
ADA = {"email": "ada@example.com", "first_name": "Zoë", "newsletter": True}
TEXT = json.dumps(ADA, ensure_ascii=False)
FIELDS = "email=ada%40example.com&newsletter=on"


@pytest.fixture(scope="module")
def service(new_service: NewService) -> Service:
    """A receiver of JSON, of lists and of forms, each with a token; nothing delivers."""
    service = new_service(FORM_TOKEN=TOKEN["X-Token"], LEADBRIDGE_MAX_BODY=str(4 * 1024 * 1024))
    service.write(
        json=f"preset: json\n{VERIFY}id: {{header: X-Case}}\n{LEAD}",
        form=f"preset: form\n{VERIFY}id: {{header: X-Case}}\n{LEAD}",
        open=f"preset: json\nverify: none\n{LEAD}",
        list=f"preset: json\n{VERIFY}{LEAD}",
        later=f"preset: form\n{VERIFY}{LEAD}",
        xml=f"preset: xml\n{VERIFY}{LEAD}",
    )
    service.start("receive")
    return service


def _post(service: Service, hook: str, body: bytes, content_type: str, **headers: str) -> HttpAnswer:
    return service.post(hook, body, {**TOKEN, "Content-Type": content_type, **headers})


def _event(answer: HttpAnswer) -> dict[str, Any]:
    assert answer.status == 202
    (event,) = orjson.loads(answer.body)["events"]
    found: dict[str, Any] = event
    return found


def _first_name(service: Service, event: dict[str, Any]) -> str:
    (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
    (delivery,) = story.deliveries
    assert delivery.body is not None
    return str(orjson.loads(delivery.body)["First Name"])


def _parts(*parts: bytes) -> bytes:
    return b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b--\r\n"


READ: dict[str, tuple[str, bytes, str, dict[str, str]]] = {
    "gzip": ("json", gzip.compress(TEXT.encode()), "application/json", {"Content-Encoding": "gzip"}),
    "deflate": ("json", zlib.compress(TEXT.encode()), "application/json", {"Content-Encoding": "deflate"}),
    "x-gzip twice": (
        "json",
        gzip.compress(gzip.compress(TEXT.encode())),
        "application/json",
        {"Content-Encoding": "gzip, x-gzip"},
    ),
    "charset in the header": ("json", TEXT.encode("cp1252"), "application/json; charset=ISO-8859-1", {}),
    "charset in a field": ("form", f"{FIELDS}&first_name=Zo%EB&charset=windows-1252".encode(), FORM, {}),
    "charset by the browser": ("form", f"{FIELDS}&first_name=Zo%EB&_charset_=windows-1252".encode(), FORM, {}),
    "UTF-16": ("json", TEXT.encode("utf-16"), "application/json", {}),
    "JSON in JSON": ("json", json.dumps(TEXT).encode(), "application/json", {}),
    "JSON posted as a form": ("json", f"{quote_plus(TEXT)}=".encode(), FORM, {}),
    "no content type that says anything": ("json", TEXT.encode(), "text/plain", {}),
    "trailing comma": ("json", f"{TEXT[:-1]},}}".encode(), "application/json", {}),
    "trailing NUL": ("json", TEXT.encode() + b"\0", "application/json", {}),
    "raw line break": ("json", f'{TEXT[:-1]}, "note": "a\nb"}}'.encode(), "application/json", {}),
    "NaN": ("json", f'{TEXT[:-1]}, "score": NaN}}'.encode(), "application/json", {}),
    "form posted as JSON": ("form", f"{FIELDS}&first_name=Zo%C3%AB".encode(), "application/json", {}),
    "bad byte in a field nobody reads": ("form", f"{FIELDS}&first_name=Zo%C3%AB&agent=%FF".encode(), FORM, {}),
    "file by filename*": (
        "form",
        _parts(
            b"name=cv; filename*=UTF-8''cv.pdf\r\n\r\n%PDF\xff",
            b'name="email"\r\n\r\nada@example.com',
            b'name="newsletter"\r\n\r\non',
            b"name*=UTF-8''first%5Fname\r\n\r\nZo\xc3\xab",
        ),
        "multipart/form-data; boundary=b",
        {},
    ),
}


@pytest.mark.parametrize("case", READ)
def test_what_can_mean_one_thing_only_is_read(service: Service, case: str) -> None:
    hook, body, content_type, headers = READ[case]
    event = _event(_post(service, hook, body, content_type, **{"X-Case": case}, **headers))
    assert (event["state"], "duplicate" in event) == ("accepted", False)
    assert _first_name(service, event) == "Zoë"


REFUSED: dict[str, tuple[str, bytes, str, dict[str, str], str]] = {
    "bad byte in a field that is read": ("form", f"{FIELDS}&first_name=Zo%EB".encode(), FORM, {}, "charset"),
    "single quotes": ("json", b"{'email': 'ada@example.com'}", "application/json", {}, "double quotes"),
    "cut off": ("json", TEXT[:-1].encode(), "application/json", {}, "too early"),
    "unknown coding": ("json", b"x", "application/json", {"Content-Encoding": "br"}, "gzip or deflate"),
    "not packed": ("json", TEXT.encode(), "application/json", {"Content-Encoding": "gzip"}, "leave the header out"),
    "empty": ("json", b" ", "application/json", {}, "replay EVENT --body"),
    "a bomb": (
        "json",
        gzip.compress(b"0" * 20_000_000),
        "application/json",
        {"Content-Encoding": "gzip"},
        "replay EVENT",
    ),
    "too many fields": ("form", b"&".join(b"a=1" for _ in range(5_001)), FORM, {}, "replay EVENT --body"),
    "too many values": ("json", b"[" + b"1," * 200_001 + b"1]", "application/json", {}, "replay EVENT --body"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_stored_and_says_what_to_change(service: Service, case: str) -> None:
    hook, body, content_type, headers, fix = REFUSED[case]
    event = _event(_post(service, hook, body, content_type, **headers))
    assert event["state"] == "refused"
    assert any(fix in problem["fix"] for problem in event["problems"])


def test_an_open_hook_answers_a_coding_that_is_not_known_with_415(service: Service) -> None:
    answer = service.post("open", b"x", {"Content-Encoding": "br"})
    assert (answer.status, b"'br'" in answer.body) == (415, True)


def test_a_refused_body_is_received_again_once_it_is_corrected(service: Service, tmp_path: Any) -> None:
    body = b'{"email": "grace@example.com", "first_name": "Grace", "newsletter": true'
    refused = _event(_post(service, "json", body, "application/json"))
    corrected = tmp_path / "corrected.json"
    corrected.write_bytes(body + b"}")
    done = service.leadbridge("replay", refused["id"], "--body", str(corrected))
    assert done.returncode == 0, done.stderr
    name, state = done.stdout.split()
    assert state == "accepted"
    assert _first_name(service, {"id": name}) == "Grace"
    (story,) = service.stories(event_id=int(refused["id"].removeprefix("evt_")))
    assert (story.state.name, story.reason) == ("IGNORED", "received_again")


def test_a_replay_of_a_whole_request_stores_all_its_events_and_settles_the_refused_one(service: Service) -> None:
    """The hook takes forms when a list comes; later it takes lists."""
    leads = [{**ADA, "email": f"person{number}@example.net"} for number in range(3)]
    refused = _event(_post(service, "later", json.dumps(leads).encode(), "application/json"))
    assert refused["reason"] == "unreadable"
    service.write(later=f"preset: json\n{VERIFY}{LEAD}")
    for expected in ("1 event received again as whole requests", "1 event with nothing new to send"):
        done = service.leadbridge("replay", refused["id"])
        assert (done.returncode, expected in done.stdout) == (0, True), done.stdout + done.stderr
    for lead in leads:
        (story,) = service.stories(lead=lead["email"])
        assert (story.state.name, len(story.deliveries)) == ("ACCEPTED", 1)
    (story,) = service.stories(event_id=int(refused["id"].removeprefix("evt_")))
    assert (story.state.name, story.reason) == ("IGNORED", "received_again")


def test_a_list_of_2001_leads_and_a_body_of_3_mb_are_taken_whole(service: Service) -> None:
    few = [{**ADA, "email": f"few{number}@example.net"} for number in range(2_001)]
    large = [{**ADA, "email": f"large{number}@example.net", "note": "x" * 3_000} for number in range(1_000)]
    for leads in (few, large):
        answer = _post(service, "list", json.dumps(leads).encode(), "application/json")
        assert answer.status == 202
        events = orjson.loads(answer.body)["events"]
        assert [event["state"] for event in events] == ["accepted"] * len(leads)


def test_an_xml_document_is_read(service: Service) -> None:
    body = "<lead><email>ada@example.com</email><newsletter>on</newsletter><first_name>Zoë</first_name></lead>"
    event = _event(_post(service, "xml", body.encode("latin-1"), "text/xml; charset=iso-8859-1"))
    assert _first_name(service, event) == "Zoë"
