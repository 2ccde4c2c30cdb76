"""Hooks: why requests are rejected, judged with the hook's own secret where this process has it."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from bridge.console.page import EXTENSION
from bridge.console.pages.hooks import MEANINGS
from bridge.operations.rejection_counter import WHY
from bridge.outbox.acts import audit_lines
from bridge.outbox.inbox import add_rejections
from tests.unit.console.conftest import act, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

BODY = '{"form_response": {}}\n'
SIGNED = "sha256=" + b64encode(hmac.digest(b"right", BODY.encode(), hashlib.sha256)).decode()
TYPEFORM = """\
preset: typeform
secrets: {signing: PROBED_SECRET}
consent: {not_asked: a test}
lead:
  Lead Email: contact.email
actions:
  - subscribe: {list: Newsletter}
"""


@pytest.fixture
def typeform(client: FlaskClient, tmp_path: Path) -> FlaskClient:
    (tmp_path / "mappings" / "probed.yaml").write_text(TYPEFORM)
    return client


def test_every_reason_of_a_rejection_has_its_meaning() -> None:
    assert set(MEANINGS) == set(WHY.values())


def test_a_hook_says_why_it_rejected_requests(typeform: FlaskClient) -> None:
    store = typeform.application.extensions[EXTENSION].outbox
    add_rejections(store, {("probed", "signature"): 2}, at=store.now())
    shown = typeform.get("/hooks/probed").text
    assert "2 requests: signature" in shown
    assert MEANINGS["signature"][1:].split(":")[0] in shown
    assert 'href="/hooks/probed/verify"' in shown


def test_a_signature_that_fails_is_explained(typeform: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBED_SECRET", "right")
    pasted = BODY.replace("\n", "\r\n")  # as a browser sends a textarea
    for headers, result in (
        (f"Typeform-Signature: {SIGNED}", "The signature fits"),
        ("Typeform-Signature: sha256=AAAA", "signature"),
        ("", "Typeform-Signature"),
    ):
        shown = act(typeform, "/hooks/probed/verify", headers=headers, payload=pasted).text
        assert result.lower() in shown.lower()
        assert ("The signature fits" in shown) is (SIGNED in headers)
        assert ">right<" not in shown


def test_a_process_without_the_secret_says_which_it_lacks(typeform: FlaskClient) -> None:
    for answer in (typeform.get("/hooks/probed/verify"), act(typeform, "/hooks/probed/verify", payload=BODY)):
        assert answer.status_code == 200
        assert "PROBED_SECRET" in answer.text
        assert "leadbridge verify probed" in answer.text
    assert "PROBED_SECRET" in act(typeform, "/hooks/probed/test").text


def test_a_test_that_nobody_answers_is_said_to_be_so(
    new_console: Callable[..., FlaskClient], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBED_SECRET", "right")
    client = new_console(LEADBRIDGE_BIND="127.0.0.1:9")
    (tmp_path / "mappings" / "probed.yaml").write_text(TYPEFORM)
    sign_in(client, "operator")
    answer = act(client, "/hooks/probed/test")
    assert answer.status_code == 400
    assert "127.0.0.1" in answer.text
    assert audit_lines(client.application.extensions[EXTENSION].outbox, limit=1)[0].result == "no answer"


@pytest.mark.parametrize("path", ["/hooks/nothing", "/hooks/nothing/verify"])
def test_there_is_no_hook_without_a_mapping(typeform: FlaskClient, path: str) -> None:
    assert typeform.get(path).status_code == 404


def test_a_hook_says_whether_its_secrets_are_set(typeform: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "PROBED_SECRET</code>, which this console does not have" in typeform.get("/hooks/probed").text
    monkeypatch.setenv("PROBED_SECRET", "right")
    assert "PROBED_SECRET</code>, which is set" in typeform.get("/hooks/probed").text
