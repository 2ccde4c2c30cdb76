"""XML bodies: SOAP read to plain values, and nothing that could expand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import MediaTypeError, TooLargeError, UnreadableError
from bridge.intake import BodyKind, parse
from bridge.model import Limits

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeVerified


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<a/>", {"a": ""}),
        ("<a>x &amp; y &#233;</a>", {"a": "x & y é"}),
        ("<a><b>1</b><b>2</b><c> z </c></a>", {"a": {"b": ["1", "2"], "c": " z "}}),
        ('<s:a xmlns:s="urn:s" s:t="q"><s:b>1</s:b></s:a>', {"a": {"@t": "q", "b": "1"}}),
        (
            '<a xmlns:i="urn:i"><b i:nil="true"/><c i:nil="false">x</c></a>',
            {"a": {"b": None, "c": {"@nil": "false", "#text": "x"}}},
        ),
        ("<a>text<b>1</b>\n</a>", {"a": {"b": "1", "#text": "text\n"}}),
        ("<a><![CDATA[<b>&]]></a>", {"a": "<b>&"}),
        ("<?xml version='1.0'?><!-- c --><a>1</a>", {"a": "1"}),
        ("<a><b>1</b><b>2</b><b>3</b></a>", {"a": {"b": ["1", "2", "3"]}}),
    ],
)
def test_xml_becomes_plain_values(text: str, value: Any, make_verified: MakeVerified) -> None:
    assert parse(make_verified(text.encode(), "text/xml"), BodyKind.XML).value == value
    assert parse(make_verified(text.encode(), "application/soap+xml"), BodyKind.ANY).value == value


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/xml; charset=utf-8"]
)
def test_what_is_plainly_xml_is_xml_whatever_its_type(content_type: str, make_verified: MakeVerified) -> None:
    body = "\ufeff<?xml version='1.0' encoding='UTF-8'?>\n<a>é</a>".encode()
    assert parse(make_verified(body, content_type), BodyKind.XML).value == {"a": "é"}
    assert parse(make_verified(body, content_type), BodyKind.ANY).value == {"a": "é"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"), "text/xml"),
        ("<a>é</a>".encode("latin-1"), "text/xml; charset=iso-8859-1"),
        ("<?xml version='1.0' encoding='UTF-16'?><a>é</a>".encode("utf-16"), "text/xml"),
    ],
)
def test_other_encodings_are_read(body: bytes, content_type: str, make_verified: MakeVerified) -> None:
    assert parse(make_verified(body, content_type), BodyKind.XML).value == {"a": "é"}


BOMB = "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;'>]><a>&y;</a>"
OUTSIDE = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        ("<!DOCTYPE a><a/>", "document type"),
        ("<a>&nope;</a>", "not XML"),
        ("<a><b></a>", "not XML"),
        ("<a/><b/>", "not XML"),
        ("<a", "not XML"),
        ("<a>" * 65 + "</a>" * 65, "deeper than 64"),
    ],
)
def test_what_is_no_plain_document_is_refused(text: str, part: str, make_verified: MakeVerified) -> None:
    with pytest.raises(UnreadableError, match=part) as caught:
        parse(make_verified(text.encode(), "text/xml"), BodyKind.XML)
    assert "passwd" not in str(caught.value)


def test_too_many_elements_are_too_large(make_verified: MakeVerified) -> None:
    body = b"<a>" + b"<b/>" * 20 + b"</a>"
    with pytest.raises(TooLargeError, match="more than 10 values"):
        parse(make_verified(body, "text/xml"), BodyKind.XML, Limits(values=10))


def test_a_sender_of_json_does_not_get_to_send_xml(make_verified: MakeVerified) -> None:
    with pytest.raises(MediaTypeError, match="send application/json"):
        parse(make_verified(b"<a/>", "text/xml"), BodyKind.JSON)
    with pytest.raises(MediaTypeError, match="send text/xml"):
        parse(make_verified(b'{"a": 1}', "application/json"), BodyKind.XML)
