"""What the shipped presets answer before any event, and what they ask their senders for afterwards."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from bridge import intake
from bridge.errors import HandshakeError, SignatureError, UnreadableError
from bridge.hooks import folder as hooks
from bridge.model import Event, Request

NOW = 1_772_636_400_000
SECRETS = {"signing": ("a-secret-key-of-our-own",)}
TOKEN = "qgg8vlvZRS6UYooatFL8Aw"
DIGEST = hmac.new(b"a-secret-key-of-our-own", TOKEN.encode(), hashlib.sha256).hexdigest()
PRESETS, _ = hooks.judge_presets(None)


def _request(body: Any = None, *, query: dict[str, str] | None = None) -> Request:
    return Request(
        hook="spring",
        method="GET" if body is None else "POST",
        url="https://hooks.example.com/hooks/spring",
        headers={} if body is None else {"content-type": "application/json"},
        query=query or {},
        body=b"" if body is None else json.dumps(body).encode(),
        received_at=NOW,
    )


def _ask(name: str, request: Request) -> intake.HandshakeAnswer | None:
    preset = PRESETS[name]
    return intake.answer_handshake(
        request, preset.handshakes, preset.verify or intake.NoVerification(), SECRETS, now=NOW
    )


def _zoom(token: str) -> Request:
    return _request({"event": "endpoint.url_validation", "event_ts": NOW, "payload": {"plainToken": token}})


def _signed(request: Request) -> Request:
    scheme = PRESETS["zoom"].verify
    assert scheme is not None
    return intake.sign_request(request, scheme, SECRETS, now=NOW)


def test_linkedin_s_challenge_is_signed_and_no_text_of_an_event_is() -> None:
    answer = _ask("linkedin", _request(query={"challengeCode": TOKEN}))
    assert answer is not None
    assert json.loads(answer.body) == {"challengeCode": TOKEN, "challengeResponse": DIGEST}
    with pytest.raises(HandshakeError, match="is not signed"):
        _ask("linkedin", _request(query={"challengeCode": 'hmacsha256={"type":"LEAD_ACTION"}'}))


def test_zoom_s_validation_is_answered_when_it_is_signed_and_a_bare_token() -> None:
    answer = _ask("zoom", _signed(_zoom(TOKEN)))
    assert answer is not None
    assert json.loads(answer.body) == {"plainToken": TOKEN, "encryptedToken": DIGEST}
    with pytest.raises(SignatureError):
        _ask("zoom", _zoom(TOKEN))
    with pytest.raises(HandshakeError, match="is not signed"):
        _ask("zoom", _signed(_zoom("v0:1772636400:{}")))


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {"linkedin"}))
def test_who_does_not_ask_as_linkedin_does_signs_nothing_for_anybody(name: str) -> None:
    answer = _ask(name, _request(query={"challengeCode": TOKEN}))
    assert answer is None or answer.body == b""


def _event(name: str, body: Any) -> Event:
    preset, verified = PRESETS[name], intake.verify(_request(body), intake.NoVerification(), {}, now=NOW)
    (event,) = intake.read_events(preset, verified, intake.parse(verified, preset.body))
    return event


def _call(name: str, body: Any) -> intake.FetchCall:
    event, fetch = _event(name, body), PRESETS[name].fetch
    assert fetch is not None
    assert intake.wants_fetch(fetch, event)
    call = intake.next_fetch(fetch, event, {}, "a-token")
    assert call is not None
    return call


def test_a_linkedin_lead_is_asked_for_by_the_end_of_its_urn() -> None:
    lead = "urn:li:leadGenFormResponse:a9a29e52-4"
    call = _call("linkedin", {"type": "LEAD_ACTION", "leadAction": "CREATED", "leadGenFormResponse": lead})
    assert call.url.partition("?")[0] == "https://api.linkedin.com/rest/leadFormResponses/a9a29e52-4"
    assert call.headers["Authorization"] == "Bearer a-token"
    assert {"Linkedin-Version", "X-Restli-Protocol-Version"} < set(call.headers)


def test_an_eventbrite_address_is_asked_only_at_eventbrite() -> None:
    def body(host: str) -> dict[str, Any]:
        return {"config": {"action": "order.placed"}, "api_url": f"https://{host}/v3/orders/1/"}

    call = _call("eventbrite", body("www.eventbriteapi.com"))
    assert (call.url, call.headers) == (
        "https://www.eventbriteapi.com/v3/orders/1/",
        {"Authorization": "Bearer a-token"},
    )
    for host in ("example.com", "www.eventbriteapi.com.example.com", "www.eventbriteapi.com@example.com"):
        with pytest.raises(UnreadableError, match="another host"):
            _call("eventbrite", body(host))
