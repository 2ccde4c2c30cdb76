"""Handshakes: answered as the preset says, refused on a wrong token, and never a way to have something signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import HandshakeError, SignatureError
from bridge.intake import HandshakeAnswer, NoVerification, Preset, answer_handshake, load_preset, sign_request

if TYPE_CHECKING:
    from bridge.model import Request
    from tests.unit.intake.conftest import MakeRequest

NOW = 1_700_000_000_000
SECRETS = {"signing": ("app-secret",), "verify_token": ("old-token", "my-token")}
HEAD = "name: x\ntitle: X\ncategory: general\ndocs: []\nsetup: []\nbody: json\n"
META = """verify: {hmac: {header: X-Sig}}
handshake:
  - methods: [GET]
    when: {from: 'query["hub.mode"]', is: subscribe}
    check: {from: 'query["hub.verify_token"]', role: verify_token}
    answer: {text: 'query["hub.challenge"]'}
"""
LINKEDIN = """verify: {hmac: {header: X-LI-Signature, content: "hmacsha256={body}"}}
handshake:
  - methods: [GET]
    when: {from: query.challengeCode, present: true}
    answer:
      json:
        challengeCode: query.challengeCode
        challengeResponse: {sign: query.challengeCode, role: signing}
"""
ZOOM = """verify:
  hmac:
    header: x-zm-signature
    prefix: v0=
    content: "v0:{timestamp}:{body}"
    timestamp: {header: x-zm-request-timestamp, unit: s}
handshake:
  - methods: [POST]
    when: {from: body.event, is: endpoint.url_validation}
    verified: true
    answer:
      json:
        plainToken: body.payload.plainToken
        encryptedToken: {sign: body.payload.plainToken, role: signing}
"""
PROBE = "verify: none\nhandshake:\n  - {methods: [GET, HEAD], answer: empty}\n"


def _preset(text: str) -> Preset:
    preset = load_preset(HEAD + text, "x.yaml")
    assert isinstance(preset, Preset), preset
    return preset


def _ask(text: str, request: Request, secrets: dict[str, tuple[str, ...]] | None = None) -> HandshakeAnswer | None:
    preset = _preset(text)
    scheme = preset.verify or NoVerification()
    return answer_handshake(request, preset.handshakes, scheme, SECRETS if secrets is None else secrets, now=NOW)


def _meta_query(**changed: str) -> dict[str, str]:
    query = {"hub.mode": "subscribe", "hub.verify_token": "my-token", "hub.challenge": "1158201444"}
    return query | {f"hub.{name}": value for name, value in changed.items()}


def test_a_challenge_is_repeated_as_text_that_no_browser_takes_for_a_page(make_request: MakeRequest) -> None:
    answer = _ask(META, make_request(method="GET", query=_meta_query()))
    assert answer is not None
    assert (answer.body, answer.content_type) == (b"1158201444", "text/plain; charset=utf-8")
    assert answer.headers == {"X-Content-Type-Options": "nosniff"}


@pytest.mark.parametrize("token", ["wrong", "", "app-secret", "my-token "])
def test_a_wrong_token_is_refused_and_so_is_the_secret_of_another_role(token: str, make_request: MakeRequest) -> None:
    with pytest.raises(HandshakeError, match="does not match") as caught:
        _ask(META, make_request(method="GET", query=_meta_query(verify_token=token)))
    assert "my-token" not in str(caught.value)


@pytest.mark.parametrize("known", [{}, {"verify_token": ("",)}, {"verify_token": (" ",)}, {"signing": ("my-token",)}])
def test_without_its_own_secret_a_handshake_is_refused(
    known: dict[str, tuple[str, ...]], make_request: MakeRequest
) -> None:
    with pytest.raises(HandshakeError, match="no secret is set for 'verify_token'"):
        _ask(META, make_request(method="GET", query=_meta_query()), known)


@pytest.mark.parametrize("challenge", ["", "x" * 2001, "a\nb", "a\x00"])
def test_a_challenge_that_is_no_short_text_is_not_repeated(challenge: str, make_request: MakeRequest) -> None:
    with pytest.raises(HandshakeError, match="no text that can be repeated"):
        _ask(META, make_request(method="GET", query=_meta_query(challenge=challenge)))


def test_what_is_no_handshake_goes_the_usual_way(make_request: MakeRequest) -> None:
    assert _ask(META, make_request(method="POST", query=_meta_query())) is None
    assert _ask(META, make_request(method="GET", query=_meta_query(mode="unsubscribe"))) is None
    assert _ask("verify: none\n", make_request(method="GET", query=_meta_query())) is None


def test_a_challenge_is_signed_as_linkedin_wants_it(make_request: MakeRequest) -> None:
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    answer = _ask(LINKEDIN, make_request(method="GET", query={"challengeCode": code}))
    assert answer is not None
    expected = hmac.new(b"app-secret", code.encode(), hashlib.sha256).hexdigest()
    assert json.loads(answer.body) == {"challengeCode": code, "challengeResponse": expected}


@pytest.mark.parametrize("code", ['hmacsha256={"forged": 1}', "v0:1:x", "a.b", "a=b", "{}", "a b", "é", "x" * 201])
def test_no_text_of_a_forged_event_is_ever_signed(code: str, make_request: MakeRequest) -> None:
    with pytest.raises(HandshakeError, match="is not signed"):
        _ask(LINKEDIN, make_request(method="GET", query={"challengeCode": code}))


def _zoom(make_request: MakeRequest, body: Any, *, signed: bool = True) -> Request:
    request = make_request(json.dumps(body).encode(), headers={"content-type": "application/json"})
    scheme = _preset(ZOOM).verify
    assert scheme is not None
    return sign_request(request, scheme, SECRETS, now=NOW) if signed else request


def test_a_handshake_that_must_be_signed_is_answered_only_when_it_is(make_request: MakeRequest) -> None:
    body = {"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}}
    answer = _ask(ZOOM, _zoom(make_request, body))
    assert answer is not None
    expected = hmac.new(b"app-secret", b"qgg8vlvZRS6UYooatFL8Aw", hashlib.sha256).hexdigest()
    assert json.loads(answer.body)["encryptedToken"] == expected
    with pytest.raises(SignatureError, match="missing"):
        _ask(ZOOM, _zoom(make_request, body, signed=False))


def test_a_signed_token_with_a_colon_is_still_refused(make_request: MakeRequest) -> None:
    body = {"event": "endpoint.url_validation", "payload": {"plainToken": "v0:1700000000:{}"}}
    with pytest.raises(HandshakeError, match="not signed"):
        _ask(ZOOM, _zoom(make_request, body))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"event": "webinar.registration_created"}', b'{"a":"' + b"x" * 17000 + b'"}']
)
def test_an_event_is_no_handshake(body: bytes, make_request: MakeRequest) -> None:
    assert _ask(ZOOM, make_request(body, headers={"content-type": "application/json"})) is None


def test_a_probe_is_answered_with_nothing(make_request: MakeRequest) -> None:
    for method in ("GET", "HEAD"):
        answer = _ask(PROBE, make_request(method=method))
        assert answer is not None
        assert answer.body == b""


def test_the_roles_of_handshakes_are_roles_of_the_preset() -> None:
    assert _preset(META).roles == {"signing", "verify_token"}
    assert _preset(LINKEDIN).roles == {"signing"}
