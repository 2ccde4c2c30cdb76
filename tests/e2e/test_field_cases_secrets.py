"""Nobody is turned away without a word: a secret or an address that is slightly off is accepted, or said everywhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING

import orjson
import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import NewService, Service

LEAD = """
consent: {not_asked: a test}
lead: {Lead Email: {answer: email}}
actions:
  - subscribe: {list: Newsletter}
"""
TYPEFORM = (
    "consent: {not_asked: a test}\nlead: {Lead Email: contact.email}\nactions: [{subscribe: {list: Newsletter}}]\n"
)
KEY = base64.b64encode(b"a signing secret of 32 bytes, or").decode()
BODY = b'{"email":"ada@example.com"}'
FORM_RESPONSE = orjson.dumps(
    {
        "event_id": "1",
        "event_type": "form_response",
        "form_response": {"answers": [{"type": "email", "email": "ada@example.com", "field": {"ref": "a"}}]},
    }
)


@pytest.fixture(scope="module")
def service(new_service: NewService) -> Service:
    """A receiver whose secrets were stored as people store them."""
    service = new_service(
        SIGNED="a signing secret\n",
        TOKEN=" a-token \n",
        PLUS="ab+cd/ef==",
        DASHBOARD=f"v1,whsec_{KEY}",
        QUOTED='"a-token"',
        WRONG="not base64!",
    )
    (service.folder / "secret.txt").write_bytes(b"\xef\xbb\xbffrom-a-file \r\n")
    service.settings["FILED_FILE"] = str(service.folder / "secret.txt")
    service.write(
        signed=f"preset: typeform\nsecrets: {{signing: SIGNED}}\n{TYPEFORM}",
        token=f"preset: json\nsecrets: {{token: TOKEN}}\nverify: {{header_token: X-Token}}\n{LEAD}",
        filed=f"preset: json\nsecrets: {{token: FILED}}\nverify: {{header_token: X-Token}}\n{LEAD}",
        plus=f"preset: json\nsecrets: {{token: PLUS}}\nverify: {{query_token: token}}\n{LEAD}",
        dashboard=f"preset: standard-webhooks\nsecrets: {{signing: DASHBOARD}}\n{LEAD}",
        quoted=f"preset: json\nsecrets: {{token: QUOTED}}\nverify: {{header_token: X-Token}}\n{LEAD}",
        wrong=f"preset: standard-webhooks\nsecrets: {{signing: WRONG}}\n{LEAD}",
        underscore=f"preset: json\nsecrets: {{token: TOKEN}}\nverify: {{header_token: X_Form_Token}}\n{LEAD}",
        greedy=f"preset: json\nsecrets: {{token: ZOHO_REFRESH_TOKEN}}\nverify: {{header_token: X-Token}}\n{LEAD}",
    )
    service.start("receive")
    return service


def test_white_space_around_a_secret_costs_nobody(service: Service) -> None:
    digest = hmac.digest(b"a signing secret", FORM_RESPONSE, "sha256")
    header = {"Typeform-Signature": f"sha256={base64.b64encode(digest).decode()}"}
    assert service.post("signed", FORM_RESPONSE, header).status == 202
    assert service.post("token", BODY, {"X-Token": "a-token"}).status == 202
    assert service.post("filed", BODY, {"X-Token": "from-a-file"}).status == 202


@pytest.mark.parametrize("token", ["ab+cd/ef==", "ab%2Bcd%2Fef%3D%3D"])
def test_a_plus_in_the_address_is_accepted_escaped_or_not(service: Service, token: str) -> None:
    assert service.post(f"plus?token={token}", BODY).status == 202
    assert service.post("plus?token=ab-cd/ef==", BODY).status == 401


def test_hooks_prints_the_address_escaped_when_asked_and_never_otherwise(service: Service) -> None:
    assert "/hooks/plus?token=ab%2Bcd%2Fef%3D%3D\n" in service.leadbridge("hooks", "--reveal").stdout
    assert "ab%2B" not in service.leadbridge("hooks").stdout


def test_a_secret_as_the_dashboard_shows_it_is_accepted(service: Service) -> None:
    stamp = str(int(time.time()))
    digest = hmac.new(base64.b64decode(KEY), f"msg_1.{stamp}.".encode() + BODY, hashlib.sha256).digest()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    assert service.post("dashboard", BODY, headers).status == 202


def test_quotes_around_a_secret_are_said_in_the_same_words_everywhere(service: Service) -> None:
    words = "the secret 'token' has quotes around it, which count as part of it"
    assert service.post("quoted", BODY, {"X-Token": "a-token"}).status == 401
    (line,) = service.lines("request.rejected", hook="quoted")
    assert words in line["hint"]
    file = service.folder / "body.json"
    file.write_bytes(BODY)
    verified = service.leadbridge(
        "verify", str(service.mappings / "quoted.yaml"), str(file), "--header", "X-Token: a-token"
    )
    for said in (verified.stdout, service.leadbridge("check", "--secrets").stdout, service.leadbridge("hooks").stdout):
        assert words in said
    assert words in service.leadbridge("doctor").stdout


def test_a_secret_of_the_wrong_kind_closes_its_hook_and_is_said_everywhere(service: Service) -> None:
    words = "wrong kind of secret: this sender's 'signing' is written in base64"
    assert service.post("wrong", BODY).status == 503
    assert any(words in str(line["problems"]) for line in service.lines("hook.closed", hook="wrong"))
    for said in (service.leadbridge("check", "--secrets"), service.leadbridge("hooks"), service.leadbridge("doctor")):
        assert words in said.stdout


def test_a_header_name_with_an_underscore_and_a_setting_of_the_service_are_refused_by_check(service: Service) -> None:
    checked = service.leadbridge("check", "--json")
    problems = {problem["file"].rpartition("/")[2]: problem for problem in orjson.loads(checked.stdout)["problems"]
                if problem["severity"] == "error"}  # fmt: skip
    assert "underscore" in problems["underscore.yaml"]["message"]
    assert problems["underscore.yaml"]["line"] == 3
    assert problems["greedy.yaml"]["message"].startswith("ZOHO_REFRESH_TOKEN belongs to the service")
