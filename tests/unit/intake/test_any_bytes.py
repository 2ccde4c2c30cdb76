"""Whatever comes in: intake answers with events or with an error of its own, never with a crash."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import intake
from bridge.errors import IntakeError
from bridge.hooks.folder import load_presets
from bridge.model import Request
from tests.samples import SAMPLES

PRESETS = load_presets()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["answers", "form_response"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
content_types = st.text() | st.sampled_from(
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "text/plain",
        "application/json; charset=utf-16",
        "text/xml",
    ]
)
bodies = (
    st.binary(max_size=200)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.text(alphabet='a[]=&%{}"\r\n-:;b</>!', max_size=60).map(str.encode)
)
ROLES = ("signing", "token", "password", "key", "public_key", "verify_token")
header_values = st.text(max_size=60)
presets = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


def _through(preset: intake.Preset, body: bytes, headers: dict[str, str]) -> None:
    request = Request(
        hook="h",
        method="POST",
        url="http://x.example.com/",
        headers=headers,
        query={"a": "b"},
        body=body,
        received_at=0,
    )
    scheme, secrets = preset.verify or intake.NoVerification(), dict.fromkeys(ROLES, ("secret",))
    with suppress(IntakeError):
        intake.answer_handshake(request, preset.handshakes, scheme, secrets, now=0)
    with suppress(IntakeError):
        intake.verify(request, scheme, secrets, now=0)
    verified = intake.verify(request, intake.NoVerification(), {}, now=0)
    try:
        for event in intake.read_events(preset, verified, intake.parse(verified, preset.body)):
            json.dumps(intake.event_as_json(event))
            assert intake.idempotency_key(event, None)[0].encode()
    except IntakeError:
        pass


@presets
@settings(max_examples=settings().max_examples // 10)
@given(body=bodies, content_type=content_types, value=header_values)
def test_any_bytes_and_headers_end_in_events_or_a_refusal(
    preset: intake.Preset, body: bytes, content_type: str, value: str
) -> None:
    names = ["webhook-signature", "webhook-timestamp", "webhook-id", "typeform-signature", "calendly-webhook-signature"]
    _through(preset, body, {"content-type": content_type, **dict.fromkeys(names, value)})


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@settings(max_examples=settings().max_examples // 25)
@given(data=st.data())
def test_a_real_body_with_any_part_replaced_ends_in_events_or_a_refusal(sample: Path, data: st.DataObject) -> None:
    case = json.loads(sample.read_text())
    body = case.get("body", {})
    place: Any = body
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if data.draw(st.booleans()):
            place[key] = data.draw(json_values)
            break
        place = place[key]
    _through(PRESETS[case["preset"]], json.dumps(body).encode(), {"content-type": "application/json"})
