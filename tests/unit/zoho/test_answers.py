from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.zoho.answers import Format, read_envelope

SUCCESS = {"message": "done", "status": "success", "code": "0", "uri": "/api/v1/json/listsubscribe", "version": "1"}


@pytest.mark.parametrize(
    ("body", "code", "status", "message"),
    [
        (json.dumps(SUCCESS), "0", "success", "done"),
        ('{"code": 200, "status": "success", "message": ""}', "200", "success", ""),
        ('{"Code": 2004, "Status": "ERROR", "Message": "bad"}', "2004", "error", "bad"),
        ('{"response": {"code": "200", "status": "success", "message": "m"}}', "200", "success", "m"),
        ('\ufeff{"code": "0", "status": "success"}', "0", "success", ""),
        ('{"error": {"title": "THROTTLES_LIMIT_EXCEEDED", "message": "wait"}}', "THROTTLES_LIMIT_EXCEEDED", "", "wait"),
        ('{"error": "Access Denied"}', "", "", "Access Denied"),
        ('{"code": true, "status": null, "message": ["a"]}', "", "", ""),
    ],
)
def test_json_is_read_in_every_form_seen(body: str, code: str, status: str, message: str) -> None:
    envelope = read_envelope(200, body.encode())
    assert (envelope.format, envelope.code, envelope.status, envelope.message) == (Format.JSON, code, status, message)


@pytest.mark.parametrize(
    "body",
    [
        b'<response version="1"><status>error</status><code>1004</code><message>wrong</message></response>',
        b'<?xml version="1.0"?>\n<r><Code> 1004 </Code><Status>Error</Status><Message>wrong</Message></r>',
        b'<r xmlns="http://example.com/"><code>1004</code><status>error</status><message>wrong</message></r>',
    ],
)
def test_xml_is_read_although_json_was_asked_for(body: bytes) -> None:
    envelope = read_envelope(200, body)
    assert (envelope.format, envelope.code, envelope.status, envelope.message) == (Format.XML, "1004", "error", "wrong")


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaa">]><response><code>0</code><status>success</status></response>',
        b'<?xml version="1.0"?><!doctype r><response><code>0</code><status>success</status></response>',
        b"<html><body><h1>502</h1></body></html>",
        b"<html><code>0</code></html><",
        b"<response><code>0</code>",
        b"",
        b"Service Unavailable",
        b"[]",
        b"{}",
        b"null",
        b'{"code": ',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"\xff\xfe\x00",
    ],
)
def test_anything_else_is_no_envelope(body: bytes) -> None:
    envelope = read_envelope(200, body)
    assert (envelope.format, envelope.succeeded, envelope.code) == (Format.OTHER, False, "")


@pytest.mark.parametrize(
    ("status", "code", "succeeded"),
    [
        ("success", "0", True),
        ("Success", 200, True),
        ("success", "2004", False),
        ("error", "0", False),
        ("failure", "200", False),
        ("", "0", False),
        ("success", "", False),
    ],
)
def test_success_needs_the_status_and_one_of_two_codes(status: str, code: str | int, succeeded: bool) -> None:
    assert read_envelope(200, json.dumps({"status": status, "code": code}).encode()).succeeded is succeeded


def test_a_success_in_the_body_counts_whatever_the_http_status_says() -> None:
    assert read_envelope(500, json.dumps(SUCCESS).encode()).succeeded


def test_messages_are_bounded_and_storable() -> None:
    envelope = read_envelope(200, json.dumps({"code": "1", "message": "a\0\n\ud800b" + "x" * 5000}).encode())
    assert envelope.message.startswith("a ?b")
    assert len(envelope.message) == 500


def test_bytes_that_are_not_utf_8_do_not_hide_a_success() -> None:
    assert read_envelope(200, b'{"status":"success","code":"0","message":"Best\xe4tigt"}').succeeded


@pytest.mark.parametrize(
    ("headers", "message", "wait_ms"),
    [
        ({"retry-after": "120"}, "", 120_000),
        ({"retry-after": "Sat, 21 Nov 2026 12:30:00 GMT", "date": "Sat, 21 Nov 2026 12:00:00 GMT"}, "", 1_800_000),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT", "date": "Sat, 21 Nov 2026 12:00:00 GMT"}, "", 0),
        ({}, "Please try again after 45 minutes.", 2_700_000),
        ({}, "wait 2 Hours", 7_200_000),
        ({"retry-after": "60"}, "after 30 mins", 1_800_000),
        ({"retry-after": "999999999999999"}, "", 86_400_000),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "-5"}, "", None),
        ({}, "no time named", None),
    ],
)
def test_the_longest_wait_that_is_asked_for_is_found(
    headers: dict[str, str], message: str, wait_ms: int | None
) -> None:
    body = json.dumps({"code": "2008", "message": message}).encode()
    assert read_envelope(429, body, headers).retry_after_ms == wait_ms


@given(st.binary(max_size=300), st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text(max_size=30)))
def test_no_answer_ever_breaks_the_reader(body: bytes, headers: dict[str, str]) -> None:
    read_envelope(200, body, headers)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "Code", "status", "message", "response", "error", "x"]), inner)
    ),
    max_leaves=8,
)


@given(_JSON)
def test_no_json_ever_breaks_the_reader(value: object) -> None:
    envelope = read_envelope(200, json.dumps(value).encode())
    envelope.message.encode()
    envelope.code.encode()
