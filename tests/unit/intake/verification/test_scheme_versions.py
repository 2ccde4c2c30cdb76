"""Schemes next to the plain ones: secrets in the body, and several versions of a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import SignatureError
from bridge.intake import read_scheme, secret_problems, sign_request, verify
from bridge.intake.verification.scheme import OneOf, roles, signature_headers

if TYPE_CHECKING:
    from bridge.intake import Scheme
    from tests.unit.intake.conftest import MakeRequest

NOW = 1_700_000_000_000
VERSIONS = {
    "one_of": [
        {
            "version": "v3",
            "when": {"header": "X-Sig-v3"},
            "hmac": {"header": "X-Sig-v3", "content": "{timestamp}{body}", "timestamp": {"header": "X-Ts"}},
        },
        {
            "version": "v1",
            "when": {"header": "X-Sig-Version", "is": "v1"},
            "hmac": {"header": "X-Sig", "algorithm": "plain-sha256", "content": "{secret}{body}"},
        },
    ]
}
SECRETS = {"signing": ("s3cret",)}


def _scheme(node: Any, base: Scheme | None = None) -> Scheme:
    scheme = read_scheme(node, "verify", base, is_preset=True)
    assert not isinstance(scheme, list), scheme
    return scheme


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"google_key": "k1", "n": 1}', "application/json"),
        (b'{"google_key": "k1"}', ""),
        (b"n=1&google_key=k1", "application/x-www-form-urlencoded"),
    ],
)
def test_a_secret_in_the_body_is_accepted(body: bytes, content_type: str, make_request: MakeRequest) -> None:
    scheme = _scheme({"body_secret": "google_key"})
    assert roles(scheme) == {"key"}
    request = make_request(body, headers={"content-type": content_type})
    assert verify(request, scheme, {"key": ("old", "k1")}, now=NOW).authentic


@pytest.mark.parametrize(
    ("body", "secrets", "part"),
    [
        (b'{"google_key": "k2"}', {"key": ("k1",)}, "does not match"),
        (b'{"google_key": ""}', {"key": ("k1",)}, "holds no secret"),
        (b'{"google_key": ""}', {"key": ("",)}, "no secret is set"),
        (b'{"google_key": null}', {"key": ("None",)}, "holds no secret"),
        (b'{"google_key": 1}', {"key": ("1",)}, "holds no secret"),
        (b'{"google_key": ["k1"]}', {"key": ("k1",)}, "holds no secret"),
        (b"{}", {"key": ("k1",)}, "holds no secret"),
        (b"[]", {"key": ("k1",)}, "holds no secret"),
        (b"{", {"key": ("k1",)}, "cannot be read"),
        (b"", {"key": ("k1",)}, "cannot be read"),
        (b'{"google_key": "k1"}', {"signing": ("k1",), "token": ("k1",)}, "no secret is set"),
    ],
)
def test_a_wrong_or_missing_secret_in_the_body_is_refused(
    body: bytes, secrets: dict[str, tuple[str, ...]], part: str, make_request: MakeRequest
) -> None:
    with pytest.raises(SignatureError, match=part) as caught:
        verify(make_request(body), _scheme({"body_secret": "google_key"}), secrets, now=NOW)
    assert "k1" not in str(caught.value)


def test_a_secret_is_put_into_the_body_as_the_sender_does(make_request: MakeRequest) -> None:
    scheme = _scheme({"body_secret": "meta.key"})
    signed = sign_request(make_request(b'{"n": 1}'), scheme, {"key": ("k1",)}, now=NOW)
    assert signed.body == b'{"n":1,"meta":{"key":"k1"}}'
    assert verify(signed, scheme, {"key": ("k1",)}, now=NOW).authentic


def test_the_strongest_version_that_is_claimed_must_hold(make_request: MakeRequest) -> None:
    scheme = _scheme(VERSIONS)
    assert isinstance(scheme, OneOf)
    strong = sign_request(make_request(b"{}"), scheme, SECRETS, now=NOW)
    weak = sign_request(make_request(b"{}"), OneOf(versions=scheme.versions[1:]), SECRETS, now=NOW)
    assert verify(strong, scheme, SECRETS, now=NOW).authentic
    assert verify(weak, scheme, SECRETS, now=NOW + 10**9).authentic
    both = make_request(b"{}", headers={**weak.headers, **strong.headers, "x-sig-v3": "00"})
    with pytest.raises(SignatureError, match="'x-sig-v3' matches"):
        verify(both, scheme, SECRETS, now=NOW)
    with pytest.raises(
        SignatureError, match=r"which version of the signature it has \(x-sig-v3: ... or x-sig-version: v1\)"
    ):
        verify(make_request(b"{}"), scheme, SECRETS, now=NOW)


def test_a_mapping_pins_versions_of_its_preset(make_request: MakeRequest) -> None:
    base = _scheme(VERSIONS)
    assert isinstance(base, OneOf)
    pinned = _scheme({"version": "v3"}, base)
    weak = sign_request(make_request(b"{}"), OneOf(versions=base.versions[1:]), SECRETS, now=NOW)
    with pytest.raises(SignatureError, match="which version"):
        verify(weak, pinned, SECRETS, now=NOW)
    assert _scheme({"version": ["v1", "v3"]}, base) == base
    assert signature_headers(pinned) == {"x-sig-v3"}
    assert secret_problems(pinned, {}) != []


@pytest.mark.parametrize(
    ("node", "part"),
    [
        ({"version": "v9"}, "no version 'v9'"),
        ({"version": "v3", "hmac": {"header": "a"}}, "next to version"),
        ({"one_of": []}, "is empty"),
        ({"one_of": [{"version": "v1"}]}, "`when` is missing"),
        ({"one_of": [{"version": "v1", "when": {}, "hmac": {"header": "a"}}]}, "`header` is missing"),
        ({"one_of": [{"version": "v1", "when": {"header": "a"}, "query_token": "t"}]}, "'query_token' is not known"),
        ({"one_of": [{"version": "v1", "when": {"header": "a"}, "hmac": {}}]}, "`header` is missing"),
        ({"body_secret": "a[?b]"}, "not a plain path"),
        ({"body_secret": ""}, "is empty"),
        ({"jwt": "HS256"}, "`jwt` cannot be 'HS256'"),
    ],
)
def test_what_cannot_hold_is_a_problem(node: Any, part: str) -> None:
    problems = read_scheme(node, "verify", _scheme(VERSIONS))
    assert isinstance(problems, list)
    assert any(part in problem.message and problem.fix for problem in problems), problems


def test_only_a_signature_with_versions_can_be_pinned() -> None:
    problems = read_scheme({"version": "v3"}, "verify", _scheme({"query_token": "t"}))
    assert isinstance(problems, list)
    assert problems[0].message == "the preset has no versions, or something stands next to version"
