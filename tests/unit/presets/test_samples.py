"""Every shipped preset loads, and reads a body as its sender sends it. A new sample is a new file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge import intake
from bridge.errors import SignatureError
from bridge.intake import BodyKind
from bridge.intake.scheme import HmacScheme
from bridge.model import Request

FOLDER = Path(intake.__file__).parent.parent / "presets"
SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.json"))
PRESETS, PROBLEMS = intake.load_presets(FOLDER)


def test_every_shipped_preset_loads() -> None:
    assert PROBLEMS == []
    assert set(PRESETS) == {path.stem for path in FOLDER.glob("*.yaml")}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_shipped_preset_tells_people_what_to_do(preset: intake.Preset) -> None:
    assert preset.docs
    assert preset.retries
    assert any("{url}" in step for step in preset.setup)


def test_every_shipped_preset_has_a_sample() -> None:
    assert {json.loads(path.read_text())["preset"] for path in SAMPLES} == set(PRESETS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_body_as_sent_is_read_as_expected(sample: Path) -> None:
    case = json.loads(sample.read_text())
    preset = PRESETS[case["preset"]]
    verified = intake.verify(_request(case), intake.NoVerification(), {}, now=0)
    events = intake.read_events(preset, verified, intake.parse(verified, preset.body))
    assert [intake.event_as_json(event) for event in events] == case["events"]
    asked = events[0].asked
    assert (None if asked is None else [[question.key, question.label] for question in asked]) == case["asked"]
    if "keys" in case:
        assert [answer.key for answer in events[0].answers] == case["keys"]


def _request(case: dict[str, Any]) -> Request:
    body = case["text"] if "text" in case else json.dumps(case["body"])
    headers = {"content-type": "application/json", **case.get("headers", {})}
    url = "https://hooks.example.com/hooks/spring"
    return Request(
        hook="spring",
        method="POST",
        url=url,
        headers=headers,
        query=case.get("query", {}),
        body=body.encode(),
        received_at=0,
    )


def test_secrets_never_reach_an_event() -> None:
    case = json.loads(Path(__file__).with_name("samples").joinpath("shopify.json").read_text())
    preset = PRESETS["shopify"]
    assert isinstance(preset.verify, HmacScheme)
    verified = intake.verify(_request(case), intake.NoVerification(), {}, now=0)
    (event,) = intake.read_events(preset, verified, intake.parse(verified, BodyKind.JSON))
    assert "x-shopify-hmac-sha256" not in event.headers
    assert event.headers["x-shopify-topic"] == "customers/create"


KEY = b"a signing secret of 32 characters"
BODY = b'{"n": 1}'
NOW = 1_700_000_000_000
STANDARD_SECRET = "whsec_" + base64.b64encode(KEY).decode()


def _digest(content: bytes) -> bytes:
    return hmac.new(KEY, content, hashlib.sha256).digest()


def _base64(content: bytes) -> str:
    return base64.b64encode(_digest(content)).decode()


@pytest.mark.parametrize(
    ("name", "headers", "secret"),
    [
        ("typeform", {"typeform-signature": "sha256=" + _base64(BODY)}, KEY.decode()),
        ("tally", {"tally-signature": _base64(BODY)}, KEY.decode()),
        ("shopify", {"x-shopify-hmac-sha256": _base64(BODY)}, KEY.decode()),
        (
            "calendly",
            {"calendly-webhook-signature": "t=1700000000,v1=" + _digest(b"1700000000." + BODY).hex()},
            KEY.decode(),
        ),
        (
            "standard-webhooks",
            {
                "webhook-id": "m1",
                "webhook-timestamp": "1700000000",
                "webhook-signature": "v1," + _base64(b"m1.1700000000." + BODY),
            },
            STANDARD_SECRET,
        ),
    ],
)
def test_every_signing_sender_is_verified_by_its_preset(name: str, headers: dict[str, str], secret: str) -> None:
    scheme = PRESETS[name].verify
    assert scheme is not None
    request = replace(_request({"text": BODY.decode()}), headers=headers)
    assert intake.verify(request, scheme, {"signing": (secret,)}, now=NOW).authentic
    with pytest.raises(SignatureError):
        intake.verify(replace(request, body=BODY + b" "), scheme, {"signing": (secret,)}, now=NOW)
