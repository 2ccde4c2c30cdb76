"""What `sign_request` adds is what `verify` asks for, for every form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import SignatureError
from bridge.intake import read_scheme, sign_request, verify
from bridge.model import Request

NOW = 1_772_000_000_000
REQUEST = Request(
    hook="any",
    method="POST",
    url="https://hooks.example.com/hooks/any",
    headers={"webhook-id": "msg_1"},
    query={},
    body=b'{"a": 1}',
    received_at=NOW,
)
SCHEMES: tuple[Any, ...] = (
    {"hmac": {"header": "X-Sig", "prefix": "sha256=", "encoding": "base64", "content": "{body}"}},
    {"hmac": {"header": "X-Sig", "algorithm": "sha512", "encoding": "base64url", "content": "{method}{url}{body}"}},
    {
        "hmac": {
            "header": "Stripe-Signature",
            "format": "pairs",
            "key": "v1",
            "content": "{timestamp}.{body}",
            "timestamp": {"key": "t", "unit": "s"},
        }
    },
    {
        "hmac": {
            "header": "webhook-signature",
            "format": "list",
            "key": "v1",
            "encoding": "base64",
            "key_encoding": "whsec",
            "content": "{header:webhook-id}.{timestamp}.{body}",
            "timestamp": {"header": "webhook-timestamp", "unit": "s"},
        }
    },
    {
        "hmac": {
            "header": "X-Sig",
            "content": "{timestamp}:{body}",
            "timestamp": {"header": "X-Ts", "unit": "iso"},
        }
    },
    {"header_token": "Authorization", "prefix": "Bearer "},
    {"query_token": "token"},
    {"basic": "acme"},
)
SECRETS = dict.fromkeys(("signing", "token", "password"), ("bmV3ZXN0LXNlY3JldA==", "b2xkLXNlY3JldA=="))


@pytest.mark.parametrize("node", SCHEMES, ids=str)
def test_a_authenticated_request_is_verified_and_an_unauthenticated_one_is_not(node: Any) -> None:
    scheme = read_scheme(node, "verify")
    assert not isinstance(scheme, list)
    with pytest.raises(SignatureError):
        verify(REQUEST, scheme, SECRETS, now=NOW)
    signed = sign_request(REQUEST, scheme, SECRETS, now=NOW)
    assert verify(signed, scheme, SECRETS, now=NOW).authentic


@pytest.mark.parametrize("node", [scheme for scheme in SCHEMES if "hmac" in scheme], ids=str)
def test_a_body_changed_after_the_signature_is_refused(node: Any) -> None:
    scheme = read_scheme(node, "verify")
    assert not isinstance(scheme, list)
    signed = sign_request(REQUEST, scheme, SECRETS, now=NOW)
    with pytest.raises(SignatureError, match="no signature"):
        verify(replace(signed, body=b'{"a": 2}'), scheme, SECRETS, now=NOW)


def test_nothing_can_be_authenticated_without_a_secret() -> None:
    scheme = read_scheme({"query_token": "token"}, "verify")
    assert not isinstance(scheme, list)
    with pytest.raises(SignatureError, match="no secret is set for 'token'"):
        sign_request(REQUEST, scheme, {"token": ("",)}, now=NOW)
