"""Every scheme of every shipped preset lets its sender in and a forger out, and signatures made elsewhere hold."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge import intake
from bridge.errors import SignatureError
from bridge.hooks import folder as hooks
from bridge.intake.verification.scheme import (
    BodySecret,
    HmacScheme,
    NoVerification,
    OneOf,
    SignedToken,
    Version,
    signature_headers,
)
from bridge.model import Request

if TYPE_CHECKING:
    from bridge.intake import Scheme

NOW = 1_700_000_000_000
MINUTE = 60_000
URL = "https://hooks.example.com"
KEY = base64.b64encode(b"a signing secret of 32 bytes, or").decode()
HEX_KEY = b"a signing secret of 32 bytes, or".hex()
OTHER = base64.b64encode(b"another secret of 32 bytes......").decode()
ROLES = ("signing", "token", "password", "key", "verify_token")
VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
PRESETS, _ = hooks.judge_presets(None)


def pinned(*versions: Version) -> OneOf:
    """The scheme of a mapping that accepts only these versions."""
    return OneOf(versions=tuple(replace(version, pinned_only=False) for version in versions))


def _schemes() -> dict[str, Scheme]:
    """Every scheme that a request can be signed by here; each version of a sender's scheme is one."""
    found: dict[str, Scheme] = {}
    for name, preset in PRESETS.items():
        match preset.verify:
            case None | NoVerification() | SignedToken():
                pass
            case OneOf(versions=versions):
                found |= {f"{name} {version.name}": pinned(version) for version in versions}
            case scheme:
                found[name] = scheme
    return found


SCHEMES = _schemes()
every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


def _hmac(scheme: Scheme) -> HmacScheme | None:
    inner = scheme.versions[0].scheme if isinstance(scheme, OneOf) else scheme
    return inner if isinstance(inner, HmacScheme) else None


def _secrets(scheme: Scheme, *values: str) -> dict[str, tuple[str, ...]]:
    inner = _hmac(scheme)
    if inner is not None and inner.key_encoding == "hex":
        values = tuple(base64.b64decode(value).hex() for value in values)
    return dict.fromkeys(intake.roles(scheme), values)


def _signed(scheme: Scheme, *, now: int = NOW) -> Request:
    request = Request(
        hook="spring",
        method="POST",
        url=f"{URL}/hooks/spring?list=a%2Fb",
        headers={"content-type": "application/json"},
        query={"list": "a/b"},
        body=b'{"who":"Ada Lovelace","n":1}',
        received_at=now,
    )
    return intake.sign_request(request, scheme, _secrets(scheme, KEY), now=now, public_url=URL)


def _verify(request: Request, scheme: Scheme, *secrets: str, now: int = NOW) -> bool:
    return intake.verify(request, scheme, _secrets(scheme, *secrets), now=now, public_url=URL).authentic


@every_scheme
def test_the_sender_is_accepted_with_either_of_two_secrets(scheme: Scheme) -> None:
    assert _verify(_signed(scheme), scheme, KEY)
    assert _verify(_signed(scheme), scheme, OTHER, KEY)


@every_scheme
def test_another_secret_an_empty_one_and_none_are_refused(scheme: Scheme) -> None:
    for secrets in ((OTHER,), ("",), (" ",), ()):
        with pytest.raises(SignatureError):
            _verify(_signed(scheme), scheme, *secrets)


@every_scheme
def test_a_secret_of_another_role_is_never_taken(scheme: Scheme) -> None:
    swapped = dict.fromkeys(set(ROLES) - intake.roles(scheme), (KEY,))
    with pytest.raises(SignatureError, match="no secret is set"):
        intake.verify(_signed(scheme), scheme, swapped, now=NOW, public_url=URL)


@every_scheme
def test_a_request_without_its_signature_is_refused(scheme: Scheme) -> None:
    signed = _signed(scheme)
    headers = {name: value for name, value in signed.headers.items() if name not in signature_headers(scheme)}
    headers.pop("authorization", None)
    body = b"{}" if isinstance(scheme, BodySecret) else signed.body
    with pytest.raises(SignatureError):
        _verify(replace(signed, headers=headers, query={}, body=body), scheme, KEY)


@pytest.mark.parametrize(
    "scheme", [scheme for scheme in SCHEMES.values() if _hmac(scheme)], ids=[n for n, s in SCHEMES.items() if _hmac(s)]
)
def test_a_changed_byte_is_refused(scheme: Scheme) -> None:
    signed = _signed(scheme)
    with pytest.raises(SignatureError, match="no signature"):
        _verify(replace(signed, body=signed.body[:-1] + b" "), scheme, KEY)
    for name in signature_headers(scheme):
        if name in signed.headers:
            with pytest.raises(SignatureError):
                _verify(replace(signed, headers={**signed.headers, name: "0" * 64}), scheme, KEY)


TIMED = {name: scheme for name, scheme in SCHEMES.items() if (inner := _hmac(scheme)) and inner.tolerance}


@pytest.mark.parametrize("scheme", TIMED.values(), ids=TIMED)
def test_an_old_and_a_future_time_are_refused(scheme: Scheme) -> None:
    signed = _signed(scheme)
    assert _verify(signed, scheme, KEY, now=NOW + MINUTE)
    with pytest.raises(SignatureError, match="too old by"):
        _verify(signed, scheme, KEY, now=NOW + 60 * MINUTE)
    with pytest.raises(SignatureError, match="in the future by"):
        _verify(signed, scheme, KEY, now=NOW - 60 * MINUTE)


VERSIONED = {name: preset.verify for name, preset in PRESETS.items() if isinstance(preset.verify, OneOf)}


@pytest.mark.parametrize("scheme", VERSIONED.values(), ids=VERSIONED)
def test_a_weaker_version_next_to_a_stronger_one_never_helps(scheme: OneOf) -> None:
    strong, *weaker = (_signed(pinned(version)) for version in scheme.versions)
    for weak, version in zip(weaker, scheme.versions[1:], strict=True):
        assert _verify(weak, pinned(version), KEY)
        if version.pinned_only:
            with pytest.raises(SignatureError, match="is weak"):
                _verify(weak, scheme, KEY)
        forged = dict.fromkeys(signature_headers(OneOf(versions=scheme.versions[:1])), "AAAA")
        with pytest.raises(SignatureError):
            _verify(replace(weak, headers={**strong.headers, **weak.headers, **forged}), scheme, KEY)
        with pytest.raises(SignatureError, match="which version"):
            _verify(weak, pinned(scheme.versions[0]), KEY)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_signature_made_elsewhere_is_accepted(vector: dict[str, Any]) -> None:
    scheme = PRESETS[vector["preset"]].verify
    assert scheme is not None
    scheme = pinned(*scheme.versions) if isinstance(scheme, OneOf) else scheme
    url = vector.get("url", f"{URL}/hooks/spring")
    request = Request(
        hook="spring",
        method=vector.get("method", "POST"),
        url=url,
        headers=vector["headers"],
        query={},
        body=vector["body"].encode(),
        received_at=NOW,
    )
    secrets = {vector.get("role", "signing"): (vector["secret"],)}
    assert intake.verify(request, scheme, secrets, now=vector.get("now", NOW)).authentic
    with pytest.raises(SignatureError):
        intake.verify(replace(request, body=request.body + b" "), scheme, secrets, now=vector.get("now", NOW))
