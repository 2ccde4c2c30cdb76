"""Keyed digests: vectors made with the openssl command line, and forgeries of each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import SignatureError
from bridge.intake import NoVerification, VerifiedRequest, read_scheme, secret_problems, verify
from bridge.intake.verification.scheme import HmacScheme

if TYPE_CHECKING:
    from bridge.model import Request
    from tests.unit.intake.conftest import MakeRequest

NOW = 1_700_000_000_000
PUBLIC_URL = "https://hooks.example.com"
VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text())
every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"].partition(" (")[0])
timed_vectors = pytest.mark.parametrize("vector", [vector for vector in VECTORS if vector.get("timed")])


def _scheme(vector: dict[str, Any]) -> HmacScheme:
    scheme = read_scheme({"hmac": vector["scheme"]}, "verify", is_preset=True)
    assert isinstance(scheme, HmacScheme)
    return scheme


def _check(vector: dict[str, Any], request: Request, *secrets: str, now: int = NOW) -> VerifiedRequest:
    return verify(request, _scheme(vector), {"signing": secrets}, now=now, public_url=PUBLIC_URL)


def _request(vector: dict[str, Any], make_request: MakeRequest) -> Request:
    return make_request(vector["body"].encode(), headers=vector["headers"])


@every_vector
def test_a_genuine_signature_is_accepted(vector: dict[str, Any], make_request: MakeRequest) -> None:
    verified = _check(vector, _request(vector, make_request), vector["secret"])
    assert verified.authentic
    assert verified.request.body == vector["body"].encode()


@every_vector
def test_any_of_several_secrets_verifies(vector: dict[str, Any], make_request: MakeRequest) -> None:
    assert _check(vector, _request(vector, make_request), "00ff", vector["secret"]).authentic


@every_vector
def test_a_changed_byte_is_refused(vector: dict[str, Any], make_request: MakeRequest) -> None:
    request = _request(vector, make_request)
    forged = replace(request, body=request.body[:-1] + bytes([request.body[-1] ^ 1]))
    with pytest.raises(SignatureError, match="no signature in the header"):
        _check(vector, forged, vector["secret"])


@every_vector
def test_another_secret_is_refused(vector: dict[str, Any], make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError, match="no signature in the header") as caught:
        _check(vector, _request(vector, make_request), "00ff00ff")
    assert "00ff00ff" not in str(caught.value)


@every_vector
@pytest.mark.parametrize("header_lost", [0, 1])
def test_a_stripped_header_is_refused(vector: dict[str, Any], header_lost: int, make_request: MakeRequest) -> None:
    request = _request(vector, make_request)
    names = list(request.headers)
    name = names[header_lost % len(names)]
    headers = {other: value for other, value in request.headers.items() if other != name}
    with pytest.raises(SignatureError, match="is missing"):
        _check(vector, replace(request, headers=headers), vector["secret"])


@every_vector
@pytest.mark.parametrize("secrets", [(), ("",), ("  ", "")])
def test_an_empty_secret_refuses_even_what_it_would_sign(
    vector: dict[str, Any], secrets: tuple[str, ...], make_request: MakeRequest
) -> None:
    with pytest.raises(SignatureError, match="no secret is set for 'signing'"):
        _check(vector, _request(vector, make_request), *secrets)


@every_vector
@pytest.mark.parametrize("garbage", ["", "é", "\ud800", "\x00", "=,=,", "v1,", "t=,v1=", "sha256=", "ÿ" * 40, "v0=zz"])
def test_garbage_in_the_signature_header_is_only_refused(
    vector: dict[str, Any], garbage: str, make_request: MakeRequest
) -> None:
    request = _request(vector, make_request)
    for name in request.headers:
        with pytest.raises(SignatureError):
            _check(vector, replace(request, headers={**request.headers, name: garbage}), vector["secret"])


@timed_vectors
@pytest.mark.parametrize("off_by", [-300_000, 0, 300_000])
def test_a_timestamp_within_the_tolerance_is_accepted(
    vector: dict[str, Any], off_by: int, make_request: MakeRequest
) -> None:
    assert _check(vector, _request(vector, make_request), vector["secret"], now=NOW + off_by).authentic


@timed_vectors
def test_a_stale_signature_is_refused(vector: dict[str, Any], make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError, match="too old by 7 s"):
        _check(vector, _request(vector, make_request), vector["secret"], now=NOW + 307_000)


@timed_vectors
def test_a_signature_from_the_future_is_refused(vector: dict[str, Any], make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError, match="in the future by 1 s"):
        _check(vector, _request(vector, make_request), vector["secret"], now=NOW - 300_001)


def test_a_signed_timestamp_that_is_no_time_is_refused(make_request: MakeRequest) -> None:
    vector = {"scheme": {"header": "s", "content": "{timestamp}{body}", "timestamp": {"header": "t"}}}
    signature = hmac.new(b"key", b"soon!", hashlib.sha256).hexdigest()
    request = make_request(b"!", headers={"s": signature, "t": "soon"})
    with pytest.raises(SignatureError, match="not a time in s"):
        _check(vector, request, "key")


def test_a_signature_without_its_prefix_is_refused(make_request: MakeRequest) -> None:
    vector = {"scheme": {"header": "s", "prefix": "sha256="}}
    request = make_request(b"x", headers={"s": hmac.new(b"key", b"x", hashlib.sha256).hexdigest()})
    with pytest.raises(SignatureError, match="does not start with 'sha256='"):
        _check(vector, request, "key")


def test_a_signature_in_another_encoding_is_named(make_request: MakeRequest) -> None:
    signature = base64.b64encode(hmac.digest(b"key", b"x", "sha256")).decode()
    with pytest.raises(SignatureError, match="is not hex") as caught:
        _check({"scheme": {"header": "s"}}, make_request(b"x", headers={"s": signature}), "key")
    assert signature not in str(caught.value)


def test_a_secret_that_is_no_key_refuses_everything_and_is_reported(make_request: MakeRequest) -> None:
    vector = {"scheme": {"header": "s", "key_encoding": "base64"}}
    with pytest.raises(SignatureError, match="no secret for 'signing' is base64"):
        _check(vector, make_request(b"x", headers={"s": "00"}), "not base64!")
    (problem,) = secret_problems(_scheme(vector), {"signing": ("not base64!",)})
    assert (problem.code, problem.path) == ("bad_secret", "secrets.signing")


def test_a_secret_that_is_not_set_is_reported() -> None:
    (problem,) = secret_problems(_scheme({"scheme": {"header": "s"}}), {"signing": ("",)})
    assert (problem.code, problem.path) == ("no_secret", "secrets.signing")
    assert secret_problems(NoVerification(), {}) == []
