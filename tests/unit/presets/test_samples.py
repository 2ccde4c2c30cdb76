"""Every shipped preset loads, and reads a body as its sender sends it. A new sample is a new file (docs/presets.md)."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest

from bridge import intake
from bridge.hooks.folder import load_presets
from bridge.hooks.presets import SHIPPED
from bridge.intake import BodyKind
from bridge.intake.samples import SHIPPED as SHIPPED_SAMPLES
from bridge.intake.samples import read_sample
from tests.samples import SAMPLES, sample_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bridge.model import Event, Request

PRESETS = load_presets()


def test_every_shipped_preset_loads() -> None:
    found, problems = intake.load_presets(SHIPPED)
    assert problems == []
    assert found.keys() == PRESETS.keys() == {path.stem for path in SHIPPED.glob("*.yaml")}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_shipped_preset_reports_people_what_to_do(preset: intake.Preset) -> None:
    assert preset.docs
    assert preset.retries
    assert any("{url}" in step for step in preset.setup)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_shipped_preset_says_how_its_sender_authenticates(preset: intake.Preset) -> None:
    if preset.verify is None and preset.category != "general":
        assert preset.verify_choices
    assert not isinstance(preset.verify, intake.NoVerification)


def test_every_shipped_preset_has_a_sample() -> None:
    """One ships, for `leadbridge sample`."""
    assert {path.stem: _read(path)["preset"] for path in SHIPPED_SAMPLES.glob("*.json")} == {
        name: name for name in PRESETS
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_body_as_sent_is_read_as_expected(sample: Path) -> None:
    case = _read(sample)
    events = _events(case, _request(case))
    assert [intake.event_as_json(event) for event in events] == case["events"]
    questions = events[0].questions if events else None
    assert (None if questions is None else [[question.key, question.label] for question in questions]) == case["asked"]
    if "keys" in case:
        assert [answer.key for answer in events[0].answers] == case["keys"]


def _packed(body: bytes, kind: str) -> tuple[bytes, dict[str, str]]:
    return gzip.compress(body), {"content-type": kind, "content-encoding": "gzip"}


def _marked(body: bytes, kind: str) -> tuple[bytes, dict[str, str]]:
    return b"\xef\xbb\xbf" + body, {"content-type": kind}


def _untold(body: bytes, kind: str) -> tuple[bytes, dict[str, str]]:
    return body, {"content-type": kind if kind.startswith("multipart/") else "text/plain"}


def _as_utf_16(body: bytes, kind: str) -> tuple[bytes, dict[str, str]]:
    return body.decode().encode("utf-16"), {"content-type": kind}


def _with_comma(body: bytes, kind: str) -> tuple[bytes, dict[str, str]]:
    return body[:-1] + b"," + body[-1:], {"content-type": kind}


def _in_json(body: bytes, kind: str) -> tuple[bytes, dict[str, str]]:
    return json.dumps(body.decode()).encode(), {"content-type": kind}


def _as_form(body: bytes, _: str) -> tuple[bytes, dict[str, str]]:
    return quote_plus(body).encode() + b"=", {"content-type": "application/x-www-form-urlencoded"}


def _called_json(body: bytes, _: str) -> tuple[bytes, dict[str, str]]:
    return body, {"content-type": "application/json"}


ANY_BODY, JSON_BODY, FORM_BODY = (
    (_packed, _untold),
    (_marked, _as_utf_16, _with_comma, _in_json, _as_form),
    (_called_json,),
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_body_written_in_another_way_is_read_to_the_same_events(sample: Path) -> None:
    case = _read(sample)
    request = _request(case)
    if request.method == "GET" or PRESETS[case["preset"]].body is BodyKind.JWT:
        return
    kind = request.headers["content-type"]
    looks_json, is_form = request.body[:1] in (b"{", b"["), kind == "application/x-www-form-urlencoded"
    for change in (*ANY_BODY, *(JSON_BODY if looks_json else ()), *(FORM_BODY if is_form else ())):
        body, headers = change(request.body, kind)
        changed = replace(request, body=body, headers={**request.headers, **headers})
        events = _events(case, changed)
        shown = [intake.event_as_json(replace(event, notes=())) for event in events]
        assert shown == case["events"], change.__name__


def test_secrets_never_reach_an_event() -> None:
    case = _read(sample_file("shopify"))
    request = _request(case)
    verified = intake.verify(request, intake.NoVerification(), {}, now=0)
    (event,) = intake.read_events(PRESETS["shopify"], verified, intake.parse(verified, BodyKind.JSON))
    assert "x-shopify-hmac-sha256" in request.headers
    assert "x-shopify-hmac-sha256" not in event.headers
    assert event.headers["x-shopify-topic"] == "customers/create"


def _read(sample: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(sample.read_text(encoding="utf-8"))
    return case


def _request(case: dict[str, Any]) -> Request:
    return read_sample(case).request


def _events(case: dict[str, Any], changed: Request | None = None) -> Sequence[Event]:
    preset = PRESETS[case["preset"]]
    request = changed or _request(case)
    assert request.method in preset.methods
    verified = intake.verify(request, intake.NoVerification(), {}, now=0)
    events = intake.read_events(preset, verified, intake.parse(verified, preset.body))
    if "fetched" not in case:
        return events
    assert all(intake.wants_fetch(preset.fetch, event) for event in events)
    return [intake.completed(preset.recipe, event, case["fetched"]) for event in events]
