"""What is stored of headers and query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.intake import Preset, load_preset, redact_headers, redact_query
from bridge.intake.verification.scheme import HeaderToken, NoVerification, QueryToken

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeRequest

TEXT = """
name: x
title: X
category: general
docs: []
setup: []
verify: {hmac: {header: X-Sig}}
body: json
headers: [X-Topic, X-Sig, Authorization]
"""


def test_only_allowed_headers_are_stored_and_never_a_signature(make_request: MakeRequest) -> None:
    preset = load_preset(TEXT, "x.yaml")
    assert isinstance(preset, Preset)
    names = ("content-type", "user-agent", "x-topic", "x-sig", "authorization", "cookie", "x-other", "x-mine")
    request = make_request(headers=dict.fromkeys(names, "v"))
    own = redact_headers(request, preset.headers, scheme=preset.verify, signatures=preset.signature_headers)
    assert set(own) == {"content-type", "user-agent", "x-topic"}
    wanted = (*preset.headers, "X-Mine", "X-Other", "Cookie")
    other = HeaderToken(header="x-mine")
    also = redact_headers(request, wanted, scheme=other, signatures=preset.signature_headers)
    assert set(also) == {"content-type", "user-agent", "x-topic", "x-other"}


def test_the_query_is_stored_without_its_secrets(make_request: MakeRequest) -> None:
    request = make_request(query={"utm_source": "ads", "Token": "s", "k": "s", "list": "7"})
    assert redact_query(request, QueryToken(parameter="k")) == {"utm_source": "ads", "list": "7"}
    assert redact_query(request, NoVerification()) == {"utm_source": "ads", "k": "s", "list": "7"}
