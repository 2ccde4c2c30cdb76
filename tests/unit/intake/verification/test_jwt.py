"""Bodies that are a signed token: a token that openssl signed is accepted, and no forgery is."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import SignatureError, UnreadableError
from bridge.intake import BodyKind, parse, read_scheme, secret_problems, verify
from bridge.intake.verification.public_keys import rsa_key

if TYPE_CHECKING:
    from bridge.intake import VerifiedRequest
    from tests.unit.intake.conftest import MakeRequest

KEY: dict[str, str] = json.loads(Path(__file__).with_name("rsa_test_key.json").read_text())
MODULUS, PRIVATE = int(KEY["modulus"], 16), int(KEY["private_exponent"], 16)
PEM = KEY["public_pem"]
NOW = 1_700_000_000_000
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def _part(value: Any) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def _signed(content: bytes, *, padding: bytes = b"\xff", info: bytes = DIGEST_INFO, junk: bytes = b"") -> bytes:
    digest = hashlib.sha256(content).digest()
    room = 256 - 3 - len(info) - len(digest) - len(junk)
    block = b"\x00\x01" + padding * room + b"\x00" + info + digest + junk
    return pow(int.from_bytes(block), PRIVATE, MODULUS).to_bytes(256)


def _token(claims: Any, *, alg: str = "RS256", signature: bytes | None = None, **how: Any) -> bytes:
    content = _part({"alg": alg, "typ": "JWT"}) + b"." + _part(claims)
    made = _signed(content, **how) if signature is None else signature
    return content + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")


def _verify(body: bytes, make_request: MakeRequest, *, now: int = NOW, pem: str = PEM) -> VerifiedRequest:
    scheme = read_scheme({"jwt": "RS256"}, "verify")
    assert not isinstance(scheme, list)
    return verify(make_request(body), scheme, {"public_key": (pem,)}, now=now)


def test_a_token_signed_by_openssl_is_accepted_and_its_claims_are_the_body(make_request: MakeRequest) -> None:
    verified = _verify(KEY["token_by_openssl"].encode(), make_request)
    assert verified.authentic
    assert parse(verified, BodyKind.JWT).value == {"iat": 1700000000, "data": "x"}


@pytest.mark.parametrize("pem", [PEM, KEY["public_pem_pkcs1"], PEM.replace("\n", "\\n"), f"\n{PEM}\n"])
def test_the_key_may_be_written_in_every_usual_form(pem: str, make_request: MakeRequest) -> None:
    assert _verify(_token({"iat": 1_700_000_000}), make_request, pem=pem).authentic


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (_token({"iat": 1_700_000_000}, alg="none", signature=b""), "not a signed token"),
        (_token({"iat": 1_700_000_000}, alg="none", signature=b"x"), "not signed with RS256"),
        (_token({"iat": 1_700_000_000}, alg="HS256"), "not signed with RS256"),
        (_token({"iat": 1_700_000_000}, signature=b"\x00" * 256), "does not match"),
        (_token({"iat": 1_700_000_000}, signature=b"\x00" * 255 + b"\x01"), "does not match"),
        (_token({"iat": 1_700_000_000}, signature=b"\xff" * 256), "does not match"),
        (_token({"iat": 1_700_000_000}, signature=b"short"), "does not match"),
        (_token({"iat": 1_700_000_000}, junk=b"\x00" * 100), "does not match"),
        (_token({"iat": 1_700_000_000}, padding=b"\xfe"), "does not match"),
        (_token({"iat": 1_700_000_000}, info=b""), "does not match"),
        (_token({"iat": 1_699_999_000}), "ended 1000 s ago"),
        (_token({"exp": 1_699_999_000, "iat": 1_699_998_000}), "ended 1000 s ago"),
        (_token({"iat": 1_700_001_000}), "in the future"),
        (_token({"iat": 1_700_000_000, "nbf": 1_700_001_000}), "counts only in 1000 s"),
        (_token({"data": 1}), "neither when"),
        (_token({"iat": True}), "not a time in seconds"),
        (_token([1]), "no claims"),
        (b'{"plain": "json"}', "not a signed token"),
        (b"a.b.c", "not JSON|not signed"),
    ],
)
def test_a_forged_or_stale_token_is_refused(body: bytes, part: str, make_request: MakeRequest) -> None:
    with pytest.raises(SignatureError, match=part):
        _verify(body, make_request)


def test_changed_claims_are_refused(make_request: MakeRequest) -> None:
    head, _, signature = _token({"iat": 1_700_000_000, "email": "ada@example.com"}).split(b".")
    forged = b".".join([head, _part({"iat": 1_700_000_000, "email": "eve@example.com"}), signature])
    with pytest.raises(SignatureError, match="does not match"):
        _verify(forged, make_request)


@pytest.mark.parametrize(
    "pem", ["", "secret", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", PEM[:200], "é"]
)
def test_what_is_no_key_refuses_everything_and_is_reported(pem: str, make_request: MakeRequest) -> None:
    assert rsa_key(pem) is None
    scheme = read_scheme({"jwt": "RS256"}, "verify")
    assert not isinstance(scheme, list)
    assert {problem.path for problem in secret_problems(scheme, {"public_key": (pem,)})} == {"secrets.public_key"}
    with pytest.raises(SignatureError):
        _verify(_token({"iat": 1_700_000_000}), make_request, pem=pem)


def test_what_is_no_token_cannot_be_read(make_request: MakeRequest) -> None:
    verified = _verify(_token({"iat": 1_700_000_000}), make_request)
    object.__setattr__(verified, "request", make_request(b"not a token"))
    with pytest.raises(UnreadableError, match="not a signed token"):
        parse(verified, BodyKind.JWT)
