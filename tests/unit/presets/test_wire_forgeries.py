"""Forgers' tricks with the bytes of a request, as the receiver reads them, against every scheme of every preset."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Request as HttpRequest

from bridge import config, intake
from bridge.errors import IntakeError
from bridge.intake.samples import shipped_sample
from bridge.intake.verification.scheme import HmacScheme, OneOf, SignedToken
from bridge.intake.verification.verify import signs_url
from bridge.model import Request
from tests.builders import shipped_presets
from tests.unit.presets.forgeries import URL, Forgery, sender_side
from tests.unit.presets.test_forgeries import NOW, RSA_KEY, SCHEMES, SECRET, genuine_request, is_accepted, secrets_of
from tests.unit.presets.wire_forgeries import forged, received, respelt, signed_headers, signs_body, target_of, wire

SETTINGS = config.load({"LEADBRIDGE_DATABASE_URL": "sqlite:///forgeries.db", "LEADBRIDGE_PUBLIC_URL": URL})
GENUINE = {name: genuine_request(scheme, secrets_of(scheme, SECRET, RSA_KEY)) for name, scheme in SCHEMES.items()}


def attacks() -> list[tuple[str, str, bytes]]:
    """Every stream in which nothing may be accepted, with the scheme and the trick."""
    return [
        (name, trick, stream) for name, scheme in SCHEMES.items() for trick, stream in forged(scheme, GENUINE[name])
    ]


def accepted_in(name: str, stream: bytes) -> list[Request]:
    """The requests of a stream that a scheme accepts."""
    scheme = SCHEMES[name]
    secrets = secrets_of(scheme, SECRET, RSA_KEY)
    found = received(stream, SETTINGS, NOW, HttpRequest)
    return [one for one in found if is_accepted(scheme, Forgery(trick="", request=one, secrets=secrets, now=NOW))]


@pytest.mark.parametrize("name", SCHEMES)
def test_what_is_not_authenticated_brings_nothing_in(name: str) -> None:
    genuine = GENUINE[name]
    assert len(accepted_in(name, wire(genuine, signed_headers(genuine)))) == 1
    tried = list(forged(SCHEMES[name], genuine))
    assert len(tried) > 50 or not signed_headers(genuine)
    assert [(trick, stream) for trick, stream in tried if accepted_in(name, stream)] == []


@pytest.mark.parametrize("name", [name for name, scheme in SCHEMES.items() if signs_body(scheme)])
def test_what_is_signed_is_accepted_as_it_was_signed_or_not_at_all(name: str) -> None:
    scheme, genuine = SCHEMES[name], GENUINE[name]
    single = scheme.versions[0].scheme if isinstance(scheme, OneOf) else scheme
    for trick, stream in respelt(genuine):
        found = accepted_in(name, stream)
        assert [one.body for one in found] in ([], [genuine.body]), (trick, stream)
        assert "GET" not in [one.method for one in found], (trick, stream)
        if isinstance(single, HmacScheme) and signs_url(single):
            assert {(one.method, target_of(one)) for one in found} <= {(genuine.method, target_of(genuine))}, trick


OTHER_TYPES = (
    *("", "application/json", "application/x-ndjson", "application/x-www-form-urlencoded", "text/xml", "text/html"),
    *("multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary={", "application/jwt"),
    *(f"{kind}; charset={charset}" for kind in ("application/json", "application/x-www-form-urlencoded", "text/xml")
      for charset in ("utf-16", "utf-16le", "utf-7", "latin-1", "shift_jis", "iso-2022-jp", "gb18030", "koi8-r")),
)  # fmt: skip


@pytest.mark.parametrize("name", [name for name, scheme in SCHEMES.items() if signs_body(scheme)])
def test_a_content_type_which_nobody_signed_changes_nothing_that_was_signed(name: str) -> None:
    scheme, sample = SCHEMES[name], shipped_sample(name.partition(" ")[0])
    assert sample is not None
    secrets = secrets_of(scheme, SECRET, RSA_KEY)
    signed = GENUINE[name] if isinstance(scheme, SignedToken) else sender_side(scheme, sample.request, secrets, NOW)
    right = _read(name, signed)
    for other in OTHER_TYPES:
        assert _read(name, replace(signed, headers={**signed.headers, "content-type": other})) in (right, None), other


def _read(name: str, request: Request) -> list[Any] | None:
    """What an authentic request says, None where its body is refused."""
    scheme, preset = SCHEMES[name], shipped_presets()[name.partition(" ")[0]]
    verified = intake.verify(
        request, scheme, secrets_of(scheme, SECRET, RSA_KEY), now=NOW, public_url=URL, body_kind=preset.body
    )
    try:
        events = intake.read_events(preset, verified, intake.parse(verified, preset.body))
    except IntakeError:
        return None
    return [(event.kind, event.type, event.contact, event.answers, event.item) for event in events]
