"""Why a request is not authenticated: each usual mistake is named."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bridge.intake import Diagnosis, diagnose, read_scheme, sign_request
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.intake import Scheme

NOW = 1_700_000_000_000
SECRET = "c2VjcmV0LW9mLXRoZS1ob29r"
VALUE = {"name": "Zoë", "list": [1, 2], "url": "https://example.com/a"}
BODY = json.dumps(VALUE, separators=(",", ":"), ensure_ascii=False).encode()
URL = "https://hooks.example.com/hooks/spring?list=a"
PLAIN = {"hmac": {"header": "X-Signature", "encoding": "hex", "prefix": "sha256="}}
TIMED = {
    "hmac": {
        "header": "X-Sig",
        "format": "pairs",
        "key": "v1",
        "content": "{timestamp}.{body}",
        "timestamp": {"key": "t"},
    }
}
WITH_URL = {"hmac": {"header": "X-Sig", "content": "{method}{url}{body}"}}


def _scheme(node: Any) -> Scheme:
    scheme = read_scheme(node, "verify")
    assert not isinstance(scheme, list), scheme
    return scheme


def _request(body: bytes = BODY, headers: Mapping[str, str] | None = None, url: str = URL) -> Request:
    return Request(
        hook="spring", method="POST", url=url, headers=headers or {}, query={"list": "a"}, body=body, received_at=NOW
    )


def _signed(node: Any, body: bytes = BODY, *, secret: str = SECRET, now: int = NOW, url: str = URL) -> Request:
    return sign_request(_request(body, url=url), _scheme(node), {"signing": (secret,), "token": (secret,)}, now=now)


def _diagnose(request: Request, node: Any, now: int = NOW, public_url: str = "", **secrets: str) -> Diagnosis:
    known = {role: (value,) for role, value in ({"signing": SECRET} | secrets).items()}
    return diagnose(request, _scheme(node), known, now=now, public_url=public_url)


def _says(diagnosis: Diagnosis, part: str) -> bool:
    return not diagnosis.valid and bool(diagnosis.reason) and any(part in hint for hint in diagnosis.hints)


def test_a_authenticated_request_needs_no_words() -> None:
    assert _diagnose(_signed(PLAIN), PLAIN) == Diagnosis(valid=True)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (BODY + b"\n", "without the line end at its end"),
        (BODY + b"\r\n", "without the line end at its end"),
        (json.dumps(VALUE).encode(), "the compact form"),
        (json.dumps(VALUE, indent=4).encode(), "the compact form"),
        (b"\xef\xbb\xbf" + BODY, "without the byte order mark"),
    ],
)
def test_a_body_that_was_changed_on_the_way_is_recognised(body: bytes, part: str) -> None:
    assert _says(_diagnose(replace(_signed(PLAIN), body=body), PLAIN), part)


@pytest.mark.parametrize(
    ("signed", "part"),
    [
        (BODY + b"\n", "with a line end at its end"),
        (json.dumps(VALUE).encode(), "spaces after commas and colons"),
        (json.dumps(VALUE, separators=(",", ":")).replace("/", "\\/").encode(), "(PHP)"),
        (json.dumps(VALUE, indent=2, ensure_ascii=False).encode(), "indented by 2"),
        (b"", "an empty body"),
    ],
)
def test_the_form_that_was_signed_is_named(signed: bytes, part: str) -> None:
    assert _says(_diagnose(replace(_signed(PLAIN, signed), body=BODY), PLAIN), part)


def test_a_missing_header_is_reported_with_what_is_there_instead() -> None:
    diagnosis = _diagnose(_request(headers={"x-hub-signature-256": "sha256=00", "user-agent": "x"}), PLAIN)
    assert diagnosis.reason == "the header 'x-signature' is missing"
    assert _says(diagnosis, "the request has x-hub-signature-256 instead")
    assert _says(_diagnose(_request(), PLAIN), "no header looks like a signature or token")


def test_a_wrong_encoding_and_a_missing_prefix_are_reported() -> None:
    digest = hmac.digest(SECRET.encode(), BODY, "sha256")
    encoded = base64.b64encode(digest).decode()
    assert _says(_diagnose(_request(headers={"x-signature": f"sha256={encoded}"}), PLAIN), "is base64, not hex")
    assert _says(_diagnose(_request(headers={"x-signature": digest.hex()}), PLAIN), "does not stand before")


def test_another_algorithm_is_reported() -> None:
    digest = hmac.digest(SECRET.encode(), BODY, "sha1").hex()
    assert _says(
        _diagnose(_request(headers={"x-signature": f"sha256={digest}"}), PLAIN), "signed with sha1, not sha256"
    )


def test_a_secret_that_cannot_be_of_this_sender_is_reported() -> None:
    scheme = {"hmac": {"header": "x-signature", "key_encoding": "hex"}}
    found = _diagnose(_signed(PLAIN), scheme, signing="not hex at all")
    assert _says(found, "wrong kind of secret: this sender's 'signing' is written in hex")


def test_the_url_that_was_taken_is_reported_when_nothing_explains_the_signature() -> None:
    scheme = {"hmac": {"header": "x-signature", "content": "{url}{body}"}}
    found = _diagnose(_request(headers={"x-signature": "00" * 32}), scheme)
    assert _says(found, "the URL is signed, too, and was taken to be https://")
    assert _says(found, "none of the usual mistakes explains it")


def test_the_wrong_kind_of_secret_is_reported() -> None:
    decoded = base64.b64decode(SECRET)
    digest = hmac.digest(decoded, BODY, "sha256").hex()
    request = _request(headers={"x-signature": f"sha256={digest}"})
    assert _says(_diagnose(request, PLAIN), "wrong kind of secret: the key is the secret read as base64, not as text")
    assert _says(_diagnose(request, PLAIN, signing=f"whsec_{SECRET}"), "wrong kind of secret: ")
    assert _says(_diagnose(_signed(PLAIN), PLAIN, signing=f'"{SECRET}"'), "the secret without the quotes")
    standard = {"hmac": {"header": "webhook-signature", "format": "list", "key": "v1", "key_encoding": "whsec"}}
    as_text = base64.b64encode(hmac.digest(SECRET.encode(), BODY, hashlib.sha256)).decode()
    given = _request(headers={"webhook-signature": f"v1,{as_text}"})
    found = _diagnose(given, standard)
    assert _says(found, "read as text, not as whsec")
    assert _says(found, "is base64, not hex")


def test_the_secret_of_another_role_is_reported() -> None:
    diagnosis = _diagnose(_signed(PLAIN, secret="other"), PLAIN, verify_token="other")
    assert _says(diagnosis, "the secret of the role 'verify_token', not 'signing'")


def test_an_age_is_reported_with_what_is_allowed() -> None:
    old = _diagnose(_signed(TIMED), TIMED, now=NOW + 400_000)
    assert old.reason == "the timestamp is too old by 100 s"
    assert _says(old, "400 s old, and 300 s are allowed")
    assert _says(old, "the signature itself is right")
    assert _says(_diagnose(_signed(TIMED), TIMED, now=NOW - 400_000), "ahead of this clock")
    milliseconds = {"hmac": TIMED["hmac"] | {"timestamp": {"key": "t", "unit": "ms"}}}
    assert _says(_diagnose(_signed(milliseconds), TIMED), "written in ms, not in s")


@pytest.mark.parametrize(
    ("signed", "public_url", "part"),
    [
        (URL.replace("https", "http"), "", "http://hooks.example.com/hooks/spring was signed"),
        (URL.partition("?")[0], "", "without the query"),
        (URL, "https://other.example.org", "https://hooks.example.com/hooks/spring was signed"),
    ],
)
def test_another_url_is_reported_without_its_query(signed: str, public_url: str, part: str) -> None:
    request = replace(_signed(WITH_URL, url=signed), url=URL)
    diagnosis = _diagnose(request, WITH_URL, public_url=public_url)
    assert _says(diagnosis, part)
    assert not any("list=a" in hint for hint in diagnosis.hints)


def test_an_unset_secret_is_reported() -> None:
    assert _says(_diagnose(_signed(PLAIN), PLAIN, signing=" "), "an empty secret refuses everything")


def test_what_nothing_explains_says_so() -> None:
    diagnosis = _diagnose(_signed(PLAIN, secret="quite another"), PLAIN)
    assert diagnosis.reason == "no signature in the header 'x-signature' matches"
    assert _says(diagnosis, "none of the usual mistakes explains it")


@pytest.mark.parametrize(
    ("node", "request_", "secrets", "part"),
    [
        ({"header_token": "X-Key"}, _request(headers={"x-key": "t1"}), {"token": '"t1"'}, "has quotes around it"),
        ({"header_token": "X-Key"}, _request(headers={"x-key": "t1"}), {"token": "t", "key": "t1"}, "the role 'key'"),
        (
            {"header_token": "Authorization", "prefix": "Bearer "},
            _request(headers={"authorization": "t1"}),
            {"token": "t1"},
            "'Bearer ' must stand before",
        ),
        ({"header_token": "X-Key"}, _request(headers={"x-api-key": "t1"}), {"token": "t1"}, "has x-api-key instead"),
        ({"query_token": "token"}, _request(), {"token": "t1"}, "called without ?token="),
        ({"basic": "acme"}, _request(headers={"authorization": "Basic eDp5"}), {"password": "y"}, "must be 'acme'"),
        ({"body_secret": "key"}, _request(), {"key": "t1"}, "looked for at 'key'"),
        ({"body_secret": "key"}, _request(), {"key": "t1", "token": "t2"}, "only the role 'key' counts"),
    ],
)
def test_fixed_secrets_are_explained_too(node: Any, request_: Request, secrets: dict[str, str], part: str) -> None:
    known = {role: (value,) for role, value in secrets.items()}
    assert _says(diagnose(request_, _scheme(node), known, now=NOW), part)


def test_the_version_a_request_claims_is_reported() -> None:
    node = {"one_of": [{"version": "v3", "when": {"header": "X-Signature"}, **PLAIN}]}
    request = replace(_signed(PLAIN), body=BODY + b"\n")
    diagnosis = _diagnose(request, node)
    assert _says(diagnosis, "claims version 'v3'")
    assert _says(diagnosis, "without the line end")
    assert _says(_diagnose(_request(headers={"x-sig": "1"}), node), "has x-sig instead")


def test_no_word_repeats_a_secret_or_a_signature() -> None:
    request = replace(_signed(PLAIN), body=BODY + b" ")
    diagnosis = _diagnose(request, PLAIN, signing=f" {SECRET}", token="another-secret")
    words = " ".join([diagnosis.reason, *diagnosis.hints])
    assert SECRET not in words
    assert "another-secret" not in words
    assert request.headers["x-signature"].removeprefix("sha256=") not in words


@pytest.mark.parametrize("signs_packed", [True, False])
def test_a_packed_body_is_judged_as_sent_and_as_unpacked(signs_packed: bool) -> None:
    packed = gzip.compress(BODY)
    signed = replace(_signed(PLAIN, packed if signs_packed else BODY), body=packed)
    coded = replace(signed, headers={**signed.headers, "content-encoding": "gzip"})
    assert _diagnose(coded, PLAIN).valid


def test_what_changed_a_packed_body_is_found_in_the_unpacked_one() -> None:
    signed = replace(_signed(PLAIN), body=gzip.compress(BODY + b"\n"))
    coded = replace(signed, headers={**signed.headers, "content-encoding": "gzip"})
    assert _says(
        _diagnose(coded, PLAIN), "unpacked (Content-Encoding): the signature matches the body without the line"
    )
