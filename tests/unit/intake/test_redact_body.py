"""A secret that travels inside the body is believed there, and never kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

import pytest

from bridge.intake import BodyKind, parse, read_scheme, stored_body, verify

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeRequest

LONG = "a long/secret & more \u00e9"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


def _kept(make_request: MakeRequest, body: bytes, content_type: str, secret: str) -> bytes:
    scheme = read_scheme({"body_secret": "key"}, "verify")
    assert not isinstance(scheme, list)
    request = make_request(body, headers={"content-type": content_type})
    kept, kind = stored_body(verify(request, scheme, {"key": (secret,)}, now=0))
    assert kind == content_type
    return kept


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"key": LONG, "n": 12345678901234567890}), "application/json"),
        (json.dumps({"key": LONG, "n": 1}, ensure_ascii=False).replace("/", "\\/"), "application/json"),
        (urlencode({"n": 1, "key": LONG}), FORM),
        (f'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n{LONG}\r\n--b--\r\n', MULTIPART),
    ],
)
def test_a_secret_in_a_body_is_not_kept_and_the_rest_is(
    make_request: MakeRequest, body: str, content_type: str
) -> None:
    kept = _kept(make_request, body.encode(), content_type, LONG)
    for spelling in (LONG, json.dumps(LONG)[1:-1], quote_plus(LONG), LONG.replace("/", "\\/")):
        assert spelling.encode() not in kept
    assert kept.count(b"redacted") == 1
    assert kept.split(b"redacted")[0] == body.encode()[: kept.index(b"redacted")]


@pytest.mark.parametrize(
    ("body", "content_type", "left"),
    [
        ('{"key": "ab", "name": "abba"}', "application/json", b'{"key": "redacted", "name": "abba"}'),
        ("name=abba&key=ab", FORM, b"name=abba&key=redacted"),
    ],
)
def test_a_short_secret_is_replaced_only_next_to_its_name(
    make_request: MakeRequest, body: str, content_type: str, left: bytes
) -> None:
    assert _kept(make_request, body.encode(), content_type, "ab") == left


def test_what_is_kept_is_read_again(make_request: MakeRequest) -> None:
    kept = _kept(make_request, json.dumps({"key": LONG, "email": "ada@example.com"}).encode(), "application/json", LONG)
    scheme = read_scheme("none", "verify")
    assert not isinstance(scheme, list)
    again = verify(make_request(kept, headers={"content-type": "application/json"}), scheme, {}, now=0)
    assert parse(again, BodyKind.JSON) == {"key": "redacted", "email": "ada@example.com"}
