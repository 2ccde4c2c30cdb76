"""A secret that travels inside the body is believed there, and never stored."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.intake import BodyKind, NoVerification, parse, read_scheme, stored_body, verify
from bridge.model import Request

if TYPE_CHECKING:
    from .conftest import MakeRequest

SECRET = "a+b/c & longer \u00e9"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
ESCAPED = "".join(f"\\u{ord(one):04x}" for one in SECRET)
ENTITIES = "".join(f"&#{ord(one)};" for one in SECRET)
PERCENT = "".join(f"%{byte:02x}" for byte in SECRET.encode())
XML = SECRET.replace("&", "&amp;")
SPELLINGS: tuple[tuple[bytes, str], ...] = (
    (json.dumps({"key": SECRET, "n": 12345678901234567890}).encode(), "application/json"),
    (json.dumps({"key": SECRET, "n": 1}, ensure_ascii=False).replace("/", "\\/").encode(), "application/json"),
    (f'{{"key": "{ESCAPED}", "n": 1}}'.encode(), "application/json"),
    (f'{{"k\\u0065y": "{ESCAPED.upper().replace("U", "u")}", "n": 1}}'.encode(), "application/json"),
    (json.dumps({"key": SECRET, "n": 1}, ensure_ascii=False).encode("utf-16"), "application/json"),
    (json.dumps(json.dumps({"key": SECRET, "n": 1})).encode(), "application/json"),
    (urlencode({"n": 1, "key": SECRET}).encode(), FORM),
    (f"n=1&key={quote_plus(SECRET).lower()}".encode(), FORM),
    (f"n=1&key={PERCENT}".encode(), FORM),
    (f'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n{SECRET}\r\n--b--\r\n'.encode(), MULTIPART),
    (f"<key>{XML}</key>".encode(), "text/xml"),
    (f"<key>{ENTITIES}</key>".encode(), "text/xml"),
    (f"<key><![CDATA[{SECRET}]]></key>".encode("utf-16"), "text/xml"),
)


def _stored(request: Request, secret: str) -> tuple[bytes, str]:
    scheme = read_scheme({"body_secret": "key"}, "verify")
    assert not isinstance(scheme, list)
    return stored_body(verify(request, scheme, {"key": (secret,)}, now=0))


def _read(request: Request) -> Any:
    return parse(verify(request, NoVerification(), {}, now=0), BodyKind.ANY).value


def _mapped(request: Request) -> Any:
    """What a mapping gets of the request as it comes in."""
    scheme = read_scheme({"body_secret": "key"}, "verify")
    assert not isinstance(scheme, list)
    return parse(verify(request, scheme, {"key": (SECRET,)}, now=0), BodyKind.ANY).value


def _texts(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(("body", "content_type"), SPELLINGS)
def test_a_secret_is_not_stored_however_it_is_spelled(
    make_request: MakeRequest, body: bytes, content_type: str
) -> None:
    before = _read(make_request(body, headers={"content-type": content_type}))
    stored, kind = _stored(make_request(body, headers={"content-type": content_type}), SECRET)
    after = _read(make_request(stored, headers={"content-type": kind}))
    assert after == {**before, "key": "redacted"}
    assert SECRET not in _texts(after)
    assert _mapped(make_request(body, headers={"content-type": content_type})) == after


@pytest.mark.parametrize(
    ("body", "content_type", "left"),
    [
        (b'{"key": "ab", "name": "abba"}', "application/json", {"key": "redacted", "name": "abba"}),
        (b"name=abba&key=ab", FORM, {"name": "abba", "key": "redacted"}),
        (b'{"key": "abcdefgh", "url": "?k=abcdefgh"}', "application/json", {"key": "redacted", "url": "?k=redacted"}),
    ],
)
def test_a_short_secret_is_replaced_only_at_its_place(
    make_request: MakeRequest, body: bytes, content_type: str, left: Any
) -> None:
    request = make_request(body, headers={"content-type": content_type})
    secret = "abcdefgh" if b"abcdefgh" in body else "ab"
    stored, kind = _stored(request, secret)
    assert _read(make_request(stored, headers={"content-type": kind})) == left


texts = st.text(min_size=1, max_size=8, alphabet=st.characters(codec="utf-8", exclude_characters="[]"))
names = texts.filter(lambda name: name.strip() == name and name != "key")
forms = st.dictionaries(names, texts | st.lists(texts, min_size=2, max_size=3), max_size=4)


@given(forms)
def test_what_is_written_again_reads_as_the_same_form(fields: dict[str, Any]) -> None:
    body = urlencode({**fields, "key": "a secret"}, doseq=True).encode()
    request = Request(
        hook="h", method="POST", url="", headers={"content-type": FORM}, query={}, body=body, received_at=0
    )
    before = parse(verify(request, NoVerification(), {}, now=0), BodyKind.FORM).value
    scheme = read_scheme({"body_secret": "key"}, "verify")
    assert not isinstance(scheme, list)
    stored, kind = stored_body(verify(request, scheme, {"key": ("a secret",)}, now=0, body_kind=BodyKind.FORM))
    again = replace(request, headers={"content-type": kind}, body=stored)
    assert parse(verify(again, NoVerification(), {}, now=0), BodyKind.FORM).value == {**before, "key": "redacted"}
