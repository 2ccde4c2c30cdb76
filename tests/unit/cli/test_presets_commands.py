"""`presets`, `read`, `verify` and `send`, as their users call them."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from click.testing import CliRunner, Result

from bridge import intake
from bridge.cli.main import leadbridge
from bridge.hooks.folder import judge_presets
from bridge.hooks.payload import guessed_type
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "typeform secret"
BODY = json.dumps(
    {
        "event_id": "e1",
        "event_type": "form_response",
        "form_response": {
            "submitted_at": "2026-03-04T15:00:00Z",
            "answers": [{"type": "email", "email": "ada@example.com", "field": {"id": "x1", "ref": "email"}}],
        },
    }
).encode()
MAPPING = """preset: typeform
secrets: {signing: TYPEFORM_SECRET}
consent: {not_asked: a test}
lead: {Lead Email: contact.email}
actions: [{subscribe: {list: Newsletter}}]
"""
OWN = """name: acme
title: Acme
category: forms
docs: []
setup: ["Add {url}."]
verify: {header_token: X-Acme-Key}
body: json
contact: usual
answers: body
"""


@pytest.fixture
def payload(tmp_path: Path) -> str:
    file = tmp_path / "body.json"
    file.write_bytes(BODY)
    return str(file)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "mappings"
    (found / "presets").mkdir(parents=True)
    (found / "spring.yaml").write_text(MAPPING)
    (found / "presets" / "acme.yaml").write_text(OWN)
    monkeypatch.setenv("LEADBRIDGE_MAPPINGS", str(found))
    monkeypatch.setenv("TYPEFORM_SECRET", SECRET)
    monkeypatch.setenv("LEADBRIDGE_DATABASE_URL", f"sqlite:///{tmp_path}/outbox.db")
    return found


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(leadbridge, arguments)


def _signature(body: bytes) -> str:
    preset = judge_presets(None)[0]["typeform"]
    assert preset.verify is not None
    request = Request(hook="", method="POST", url="", headers={}, query={}, body=body, received_at=0)
    signed = intake.sign_request(request, preset.verify, {"signing": (SECRET,)}, now=0)
    return signed.headers["typeform-signature"]


def test_presets_lists_ours_and_the_users_own(folder: Path) -> None:
    result = _run("presets")
    assert result.exit_code == 0
    names = [line.split()[0] for line in result.output.splitlines()]
    assert names[0] == "PRESET"
    assert {"typeform", "salesforce", "acme"} <= set(names)
    listed = json.loads(_run("presets", "--json").output)["presets"]
    assert [each["name"] for each in listed] == sorted(names[1:])


def test_one_preset_reports_its_steps_and_secrets(folder: Path) -> None:
    result = _run("presets", "meta-lead-ads")
    assert "secrets  signing, verify_token" in result.output
    assert "  1. " in result.output
    assert _run("presets", "nope").exit_code == 1


def test_read_shows_the_events_of_a_payload(folder: Path, payload: str) -> None:
    result = _run("read", "typeform", payload, "--json")
    assert json.loads(result.output) == {
        "events": [
            {
                "id": "e1",
                "type": "form_response",
                "kind": "submission",
                "at": "2026-03-04T15:00:00Z",
                "contact": {
                    "email": "ada@example.com",
                    "first_name": None,
                    "last_name": None,
                    "full_name": None,
                    "phone": None,
                    "company": None,
                },
                "answers": {"email": "ada@example.com"},
                "tracking": {},
            }
        ]
    }
    assert "email  ada@example.com" in _run("read", "typeform", payload).output


def test_read_takes_headers_and_the_users_own_preset(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text('{"Ihre E-Mail": "ada@example.com", "id": 7}')
    headers = ("--header", "X-Shopify-Topic: customers/delete", "--header", "X-Shopify-Event-Id: e7")
    (event,) = json.loads(_run("read", "shopify", str(file), *headers, "--json").output)["events"]
    assert (event["kind"], event["id"]) == ("deletion", "e7:customers/delete:7")
    (event,) = json.loads(_run("read", "acme", str(file), "--json").output)["events"]
    assert event["contact"]["email"] == "ada@example.com"


def test_read_says_what_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad"
    file.write_text("{")
    result = _run("read", "typeform", str(file))
    assert result.exit_code == 1
    assert "cannot be read by the preset 'typeform'" in str(result.exception)


@pytest.mark.parametrize("sender", ["typeform", "spring"])
def test_verify_ends_with_0_for_a_verified_request(sender: str, folder: Path, payload: str) -> None:
    names = ("--secret-env", "TYPEFORM_SECRET") if sender == "typeform" else ()
    header = f"Typeform-Signature: {_signature(BODY)}"
    result = _run("verify", sender, payload, *names, "--header", header)
    assert (result.exit_code, result.output) == (0, "valid: the signature is verified\n")


def test_verify_ends_with_1_and_says_why(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "again.json"
    file.write_bytes(json.dumps(json.loads(BODY), indent=2).encode())
    arguments = ("--secret-env", "signing=TYPEFORM_SECRET", "--header", f"Typeform-Signature: {_signature(BODY)}")
    result = _run("verify", "typeform", str(file), *arguments)
    assert result.exit_code == 1
    assert result.output.startswith("not valid: no signature in the header 'typeform-signature' matches\n")
    assert "re-serialised" in result.output
    reported = json.loads(_run("verify", "typeform", str(file), *arguments, "--json").output)
    assert reported["valid"] is False
    assert len(reported["hints"]) == 1
    assert SECRET not in result.output


def test_verify_takes_a_second_secret_and_reports_of_one_that_is_not_set(
    folder: Path, payload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLD_SECRET", raising=False)
    header = ("--header", f"Typeform-Signature: {_signature(BODY)}")
    both = ("--secret-env", "OLD_SECRET", "--secret-env", "TYPEFORM_SECRET")
    result = _run("verify", "typeform", payload, *both, *header)
    assert result.exit_code == 0
    assert "OLD_SECRET is empty" in result.stderr
    assert _run("verify", "typeform", payload, "--secret-env", "OLD_SECRET", *header).exit_code == 1


def test_verify_judges_the_age_at_a_given_time(folder: Path, payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALENDLY", "key")
    scheme = judge_presets(None)[0]["calendly"].verify
    assert scheme is not None
    request = Request(hook="", method="POST", url="", headers={}, query={}, body=BODY, received_at=0)
    signed = intake.sign_request(request, scheme, {"signing": ("key",)}, now=1_772_636_400_000)
    header = f"Calendly-Webhook-Signature: {signed.headers['calendly-webhook-signature']}"
    arguments = ("verify", "calendly", payload, "--secret-env", "CALENDLY", "--header", header)
    for at in ("2026-03-04T15:00:00Z", "1772636400", "1772636400000"):
        assert _run(*arguments, "--at", at).exit_code == 0
    late = _run(*arguments, "--at", "2026-03-04T16:00:00Z")
    assert (late.exit_code, late.output.splitlines()[0]) == (1, "not valid: the timestamp is too old by 3300 s")
    assert _run(*arguments, "--at", "noon").exit_code == 2


def test_verify_of_a_preset_that_leaves_verification_open_asks_for_the_mapping(folder: Path, payload: str) -> None:
    result = _run("verify", "jotform", payload)
    assert result.exit_code == 1
    assert "the mapping chooses how" in str(result.exception)


class _Receiver(BaseHTTPRequestHandler):
    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(202 if self.path == "/hooks/spring" else 404)
        self.end_headers()
        self.wfile.write(b'{"events": []}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    _Receiver.got.clear()
    with HTTPServer(("127.0.0.1", 0), _Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("sender", ["typeform", "spring"])
def test_send_signs_as_the_sender_would(sender: str, folder: Path, payload: str, receiver: str) -> None:
    result = _run("send", sender, payload, "--to", f"{receiver}/hooks/spring", "--secret-env", "TYPEFORM_SECRET")
    assert result.exit_code == 0
    assert result.output.endswith("202 from " + receiver.removeprefix("http://") + '\n{"events": []}\n')
    ((headers, body),) = _Receiver.got
    assert body == BODY
    assert headers["typeform-signature"] == _signature(BODY)
    assert headers["content-type"] == "application/json"


def test_send_goes_to_the_mappings_own_hook(
    folder: Path, payload: str, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADBRIDGE_BIND", receiver.removeprefix("http://"))
    assert json.loads(_run("send", "spring", payload, "--json").output)["status"] == 202
    assert _run("send", "typeform", payload, "--secret-env", "TYPEFORM_SECRET").exit_code == 1
    assert _run("send", "spring", payload, "--to", f"{receiver}/hooks/nope").exit_code == 1


def test_a_mapping_wins_over_the_preset_of_the_same_name(folder: Path, payload: str, receiver: str) -> None:
    (folder / "form.yaml").write_text(MAPPING)
    sent = _run("send", "form", payload, "--to", f"{receiver}/hooks/spring", "--json")
    assert json.loads(sent.output)["status"] == 202
    assert json.loads(_run("sample", "form").output)["event_type"] == "form_response"
    assert json.loads(_run("presets", "form", "--json").output)["name"] == "form"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b' {"a": 1}', "application/json"),
        (b"\xef\xbb\xbf[]", "application/json"),
        (b"<a/>", "text/xml"),
        (b"--x1\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x1"),
        (b"a=1&b=2", "application/x-www-form-urlencoded"),
    ],
)
def test_a_bodys_content_type_is_guessed(body: bytes, kind: str) -> None:
    assert guessed_type(body) == kind
