"""What is kept of headers and query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.intake import Preset, kept_headers, load_preset, redacted_query
from bridge.intake.verification.scheme import HeaderToken, NoVerification, QueryToken

if TYPE_CHECKING:
    from .conftest import MakeRequest

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


def test_only_allowed_headers_are_kept_and_never_a_proof(make_request: MakeRequest) -> None:
    preset = load_preset(TEXT, "x.yaml")
    assert isinstance(preset, Preset)
    names = ("content-type", "user-agent", "x-topic", "x-sig", "authorization", "cookie", "x-other", "x-mine")
    request = make_request(headers=dict.fromkeys(names, "v"))
    assert set(kept_headers(request, preset)) == {"content-type", "user-agent", "x-topic"}
    also = kept_headers(request, preset, scheme=HeaderToken(header="x-mine"), also=["X-Mine", "X-Other", "Cookie"])
    assert set(also) == {"content-type", "user-agent", "x-topic", "x-other"}


def test_the_query_is_kept_without_its_secrets(make_request: MakeRequest) -> None:
    request = make_request(query={"utm_source": "ads", "Token": "s", "k": "s", "list": "7"})
    assert redacted_query(request, QueryToken(parameter="k")) == {"utm_source": "ads", "list": "7"}
    assert redacted_query(request, NoVerification()) == {"utm_source": "ads", "k": "s", "list": "7"}
