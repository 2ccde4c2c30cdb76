"""Schemes of verification, read from YAML data."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.intake.verification.scheme import (
    BasicAuth,
    Encoding,
    HeaderToken,
    HmacScheme,
    NoVerification,
    QueryToken,
    roles,
)
from bridge.intake.verification.scheme_document import read_scheme


@pytest.mark.parametrize(
    ("node", "scheme", "needed"),
    [
        ("none", NoVerification(), set()),
        ({"header_token": "X-Api-Key"}, HeaderToken(header="x-api-key"), {"token"}),
        (
            {"header_token": "Authorization", "prefix": "Bearer "},
            HeaderToken(header="authorization", prefix="Bearer "),
            {"token"},
        ),
        ({"query_token": "token"}, QueryToken(parameter="token"), {"token"}),
        ({"basic": "acme"}, BasicAuth(username="acme"), {"password"}),
    ],
)
def test_every_simple_form_is_read_with_the_roles_it_needs(node: Any, scheme: object, needed: set[str]) -> None:
    read = read_scheme(node, "verify")
    assert read == scheme
    assert not isinstance(read, list)
    assert roles(read) == needed


def test_an_hmac_scheme_has_safe_defaults() -> None:
    scheme = read_scheme(
        {"hmac": {"header": "X-Sig", "content": "{timestamp}.{body}", "timestamp": {"header": "X-Ts"}}}, "v"
    )
    assert isinstance(scheme, HmacScheme)
    assert scheme.headers == ("x-sig",)
    assert scheme.encoding is Encoding.HEX
    assert scheme.tolerance == 300
    assert roles(scheme) == {"signing"}


@pytest.mark.parametrize(
    ("node", "where", "part"),
    [
        (None, "verify", "is empty; it takes none"),
        ("nothing", "verify", "cannot be 'nothing'"),
        ({}, "verify", "is empty"),
        ({"basic": "a", "query_token": "b"}, "verify", "exactly one form"),
        ({"basic": "a:b"}, "verify.basic", "without a colon"),
        ({"query_token": ""}, "verify.query_token", "is empty"),
        ({"header_token": 7}, "verify.header_token", "not '7'"),
        ({"query_token": "t", "prefx": "x"}, "verify.prefx", "'prefx' is not known"),
        ({"hmac": "sha256"}, "verify.hmac", "not 'sha256'"),
        ({"hmac": {}}, "verify.hmac", "`header` is missing"),
        ({"hmac": {"header": ["a", 3]}}, "verify.hmac.header[1]", "not '3'"),
        ({"hmac": {"header": "a", "encodng": "hex"}}, "verify.hmac.encodng", "is not known"),
        ({"hmac": {"header": "a", "encoding": "hexx"}}, "verify.hmac.encoding", "`encoding` cannot be 'hexx'"),
        ({"hmac": {"header": "a", "content": "{boddy}"}}, "verify.hmac.content", "knows no {boddy}"),
        ({"hmac": {"header": "a", "content": "{body"}}, "verify.hmac.content", "brace without its partner"),
        ({"hmac": {"header": "a", "content": "fixed"}}, "verify.hmac", "leaves the body out"),
        ({"hmac": {"header": "a", "timestamp": {"header": "b"}}}, "verify.hmac", "not part of the signed text"),
        ({"hmac": {"header": "a", "content": "{timestamp}{body}"}}, "verify.hmac", "nothing says where"),
        ({"hmac": {"header": "a", "algorithm": "plain-sha256"}}, "verify.hmac", "verifies nothing"),
        (
            {"hmac": {"header": "a", "algorithm": "plain-sha256", "content": "{secret}{body}"}},
            "verify.hmac",
            "longer body",
        ),
        ({"hmac": {"header": "a", "content": "{header:X_Id}{body}"}}, "verify.hmac.content", "underscore"),
        ({"header_token": "X_Form_Token"}, "verify.header_token", "underscore"),
        ({"hmac": {"header": "X_Sig"}}, "verify.hmac.header", "underscore"),
        ({"query_token": "t", "prefix": "Bearer "}, "verify", "prefix goes with header_token"),
        ({"hmac": {"header": "a", "format": "pairs"}}, "verify.hmac", "do not fit"),
        ({"hmac": {"header": "a", "tolerance": 300}}, "verify.hmac.tolerance", "tolerance cannot be 300 here"),
        ({"hmac": {"header": "a", "timestamp": {}}}, "verify.hmac.timestamp", "either header or key"),
    ],
)
def test_a_scheme_that_cannot_hold_is_refused_with_its_place(node: Any, where: str, part: str) -> None:
    problems = read_scheme(node, "verify")
    assert isinstance(problems, list)
    assert any(part in problem.message and problem.path == where and problem.fix for problem in problems)


def test_all_problems_of_a_scheme_come_at_once() -> None:
    problems = read_scheme({"hmac": {"header": "", "encoding": "x", "algorithm": "y", "extra": 1}}, "verify")
    assert isinstance(problems, list)
    assert {problem.path for problem in problems} >= {
        "verify.hmac.header",
        "verify.hmac.encoding",
        "verify.hmac.algorithm",
        "verify.hmac.extra",
    }
