"""Fixed secrets, and the seal of a verified request."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from bridge.errors import SignatureError
from bridge.intake import BodyKind, NoVerification, VerifiedRequest, read_scheme, verify
from bridge.intake.verification.scheme import BasicAuth, HeaderToken, QueryToken
from bridge.model import Limits

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeRequest

SECRETS = {"token": ("old-token", "tökén"), "password": ("pass:word", "other")}


def _basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize("value", ["old-token", "tökén".encode().decode("latin-1"), " old-token "])
def test_the_right_token_in_a_header_is_accepted(value: str, make_request: MakeRequest) -> None:
    request = make_request(headers={"x-key": value})
    assert verify(request, HeaderToken(header="x-key"), SECRETS, now=0).authentic


@pytest.mark.parametrize("value", ["", "old-toke", "old-token1", "OLD-TOKEN", "é", "\ud800"])
def test_any_other_header_token_is_refused(value: str, make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError, match=r"does not match|is missing"):
        verify(make_request(headers={"x-key": value}), HeaderToken(header="x-key"), SECRETS, now=0)


def test_a_bearer_token_is_taken_after_its_prefix(make_request: MakeRequest) -> None:
    scheme = HeaderToken(header="authorization", prefix="Bearer ")
    assert verify(make_request(headers={"authorization": "bearer old-token"}), scheme, SECRETS, now=0).authentic
    with pytest.raises(SignatureError, match="does not start with 'Bearer '"):
        verify(make_request(headers={"authorization": "old-token"}), scheme, SECRETS, now=0)


def test_the_right_token_in_the_query_is_accepted(make_request: MakeRequest) -> None:
    request = make_request(query={"t": "tökén"})
    assert verify(request, QueryToken(parameter="t"), SECRETS, now=0).authentic


@pytest.mark.parametrize("query", [{}, {"t": ""}, {"t": "wrong"}, {"T": "old-token"}])
def test_any_other_query_token_is_refused(query: dict[str, str], make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError, match="query parameter 't'"):
        verify(make_request(query=query), QueryToken(parameter="t"), SECRETS, now=0)


@pytest.mark.parametrize("text", ["acme:pass:word", "acme:other"])
def test_a_password_may_hold_a_colon(text: str, make_request: MakeRequest) -> None:
    assert verify(make_request(headers=_basic(text)), BasicAuth(username="acme"), SECRETS, now=0).authentic


@pytest.mark.parametrize(
    "headers",
    [
        {},
        _basic("acme:wrong"),
        _basic("other:other"),
        _basic("acme"),
        {"authorization": "Basic é"},
        {"authorization": "Bearer x"},
    ],
)
def test_any_other_credentials_are_refused(headers: dict[str, str], make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError, match="basic credentials"):
        verify(make_request(headers=headers), BasicAuth(username="acme"), SECRETS, now=0)


@pytest.mark.parametrize("scheme", [HeaderToken(header="x"), QueryToken(parameter="x"), BasicAuth(username="")])
def test_an_unset_secret_refuses_a_blank_signature(
    scheme: HeaderToken | QueryToken | BasicAuth, make_request: MakeRequest
) -> None:
    request = make_request(headers={"x": "", **_basic(":")}, query={"x": ""})
    with pytest.raises(SignatureError, match="no secret is set"):
        verify(request, scheme, {"token": ("",), "password": ()}, now=0)


def test_a_reason_holds_neither_the_secret_nor_what_was_sent(make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError) as caught:
        verify(make_request(headers={"x-key": "sent-value"}), HeaderToken(header="x-key"), SECRETS, now=0)
    assert "old-token" not in str(caught.value)
    assert "sent-value" not in str(caught.value)


def test_an_unverified_request_is_accepted_but_not_authentic(make_request: MakeRequest) -> None:
    assert not verify(make_request(), NoVerification(), {}, now=0).authentic


def test_only_verify_makes_a_verified_request(make_request: MakeRequest) -> None:
    with pytest.raises(TypeError, match=r"verify\(\) alone"):
        VerifiedRequest(
            body_kind=BodyKind.ANY, request=make_request(), scheme=NoVerification(), authentic=True, seal=object()
        )


def test_a_packed_body_is_bounded_before_the_secret_inside_it_is_looked_for(make_request: MakeRequest) -> None:
    body = gzip.compress(json.dumps({"key": "a key", "note": "x" * 5_000}).encode())
    scheme = read_scheme({"body_secret": "key"}, "verify")
    assert not isinstance(scheme, list)
    request = make_request(body=body, headers={"content-type": "application/json", "content-encoding": "gzip"})
    assert verify(request, scheme, {"key": ("a key",)}, now=0, limits=Limits(bytes=10_000)).authentic
    with pytest.raises(SignatureError, match="more than 1000 bytes"):
        verify(request, scheme, {"key": ("a key",)}, now=0, limits=Limits(bytes=1_000))
