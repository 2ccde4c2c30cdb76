"""The senders' own published libraries: what they sign we accepted, and what we sign they accepted.

Each library is imported by its own tests: they are large, and every process that collects tests would load them.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bridge.errors import SignatureError
from bridge.hooks import folder as hooks
from bridge.intake import read_scheme, sign_request, verify
from bridge.model import Request

if TYPE_CHECKING:
    from bridge.intake import Scheme

SECRET = "whsec_" + base64.b64encode(b"a signing secret of 32 bytes, or").decode()
BODY = '{"id":"evt_1","object":"event","type":"contact.created","data":{"object":{"name":"Zoë"}}}'


def _standard(prefix: str) -> dict[str, object]:
    return {
        "hmac": {
            "header": f"{prefix}-signature",
            "format": "list",
            "key": "v1",
            "encoding": "base64",
            "key_encoding": "whsec",
            "content": f"{{header:{prefix}-id}}.{{timestamp}}.{{body}}",
            "timestamp": {"header": f"{prefix}-timestamp", "unit": "s"},
            "tolerance": 300,
        }
    }


def _scheme(node: object) -> Scheme:
    scheme = read_scheme(node, "verify")
    assert not isinstance(scheme, list), scheme
    return scheme


def _shipped(name: str) -> Scheme:
    scheme = hooks.judge_presets(None)[0][name].verify
    assert scheme is not None
    return scheme


def _now() -> int:
    """The libraries look at the real clock, so these tests must too."""
    return int(datetime.now(UTC).timestamp() * 1000)


def _request(headers: dict[str, str], now: int) -> Request:
    return Request(
        hook="spring",
        method="POST",
        url="https://hooks.example.com/hooks/spring",
        headers=headers,
        query={},
        body=BODY.encode(),
        received_at=now,
    )


def _is_accepted_and_no_forgery_is(request: Request, scheme: Scheme, now: int) -> None:
    assert verify(request, scheme, {"signing": (SECRET,)}, now=now).authentic
    with pytest.raises(SignatureError, match="no signature"):
        verify(replace(request, body=request.body + b" "), scheme, {"signing": (SECRET,)}, now=now)
    with pytest.raises(SignatureError, match="too old"):
        verify(request, scheme, {"signing": (SECRET,)}, now=now + 600_000)


def test_what_standardwebhooks_signs_is_accepted() -> None:
    import standardwebhooks

    now = _now()
    signature = standardwebhooks.Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(now // 1000, UTC), BODY)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now // 1000), "webhook-signature": signature}
    _is_accepted_and_no_forgery_is(_request(headers, now), _scheme(_standard("webhook")), now)


def test_what_we_sign_standardwebhooks_accepts() -> None:
    import standardwebhooks

    now = _now()
    signed = sign_request(_request({}, now), _scheme(_standard("webhook")), {"signing": (SECRET,)}, now=now)
    assert standardwebhooks.Webhook(SECRET).verify(signed.body, dict(signed.headers))["id"] == "evt_1"


def test_what_svix_signs_is_accepted() -> None:
    import svix

    now = _now()
    signature = svix.Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(now // 1000, UTC), BODY)
    headers = {"svix-id": "msg_1", "svix-timestamp": str(now // 1000), "svix-signature": signature}
    _is_accepted_and_no_forgery_is(_request(headers, now), _scheme(_standard("svix")), now)


def test_what_we_sign_svix_accepts() -> None:
    import svix

    now = _now()
    signed = sign_request(_request({}, now), _scheme(_standard("svix")), {"signing": (SECRET,)}, now=now)
    svix.Webhook(SECRET).verify(signed.body, dict(signed.headers))
    with pytest.raises(svix.WebhookVerificationError):
        svix.Webhook(SECRET).verify(signed.body + b" ", dict(signed.headers))


def test_what_stripe_signs_is_accepted() -> None:
    import stripe

    now = _now()
    stamp = now // 1000
    signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{BODY}", SECRET)
    request = _request({"stripe-signature": f"t={stamp},v1={signature},v0=00"}, now)
    _is_accepted_and_no_forgery_is(request, _shipped("stripe"), now)


def test_what_we_sign_stripe_accepts() -> None:
    import stripe

    now = _now()
    signed = sign_request(_request({}, now), _shipped("stripe"), {"signing": (SECRET,)}, now=now)
    header = signed.headers["stripe-signature"]
    assert stripe.WebhookSignature.verify_header(signed.body.decode(), header, SECRET, tolerance=300)
