"""A secret that cannot match, or looks like a slip, is said in the same words everywhere."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from bridge.errors import SignatureError
from bridge.intake import diagnose, read_scheme, secret_problems, verify
from bridge.model import Request, Severity

NOW = 1_700_000_000_000
HMAC = {"hmac": {"header": "X-Sig"}}
HEX = {"hmac": {"header": "X-Sig", "key_encoding": "hex"}}
BASE64 = {"hmac": {"header": "X-Sig", "key_encoding": "base64"}}
WHSEC = {"hmac": {"header": "X-Sig", "key_encoding": "whsec", "format": "list", "key": "v1"}}
BEARER = {"header_token": "Authorization", "prefix": "Bearer "}
QUERY = {"query_token": "token"}
KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
ERROR, WARNING = Severity.ERROR, Severity.WARNING

CASES: list[tuple[Any, str, Severity, str]] = [
    (HMAC, "", ERROR, "is empty or not given"),
    (HEX, "not hex", ERROR, "wrong kind of secret: this sender's 'signing' is written in hex"),
    (BASE64, "not base64!", ERROR, "wrong kind of secret: this sender's 'signing' is written in base64"),
    (WHSEC, "whsec_not base64!", ERROR, "wrong kind of secret"),
    (WHSEC, "whpk_AAAA", ERROR, "is not a public key after whpk_"),
    ({"jwt": "RS256"}, "AAAA", ERROR, "is no RSA public key in PEM"),
    (BASE64, "0123456789abcdef" * 4, WARNING, "is hex, but this sender's is written in base64"),
    (WHSEC, "0123456789ABCDEF" * 4, WARNING, "is hex, but this sender's is written in base64"),
    (HMAC, '"hush-hush"', WARNING, "has quotes around it"),
    (QUERY, "'hush-hush'", WARNING, "has quotes around it"),
    ({"basic": "acme"}, "<hush-hush>", WARNING, "has quotes around it"),
    (HMAC, "https://example.com/hooks/form", WARNING, "is an address"),
    (BEARER, "FORM_TOKEN=hush-hush", WARNING, "starts with NAME="),
    (BEARER, "Bearer hush-hush", WARNING, "starts with 'Bearer'"),
    (BEARER, "h\u00fcsh", WARNING, "letters beyond ASCII"),
    (QUERY, "changeme", WARNING, "is a placeholder"),
    (QUERY, "a&b", WARNING, "must be escaped in an address"),
    ({"body_secret": "key"}, "hush\nhush", WARNING, "has a line break or a tab inside"),
]


def scheme_of(node: Any) -> Any:
    scheme = read_scheme(node, "verify")
    assert not isinstance(scheme, list)
    return scheme


def role_of(node: Any) -> str:
    (role,) = {problem.path.removeprefix("secrets.") for problem in secret_problems(scheme_of(node), {})}
    return role


@pytest.mark.parametrize(("node", "secret", "severity", "part"), CASES)
def test_a_wrong_secret_is_said_by_check_by_verify_and_by_the_log(
    node: Any, secret: str, severity: Severity, part: str
) -> None:
    scheme, secrets = scheme_of(node), {role_of(node): (secret,)}
    said = [problem for problem in secret_problems(scheme, secrets) if part in problem.message]
    assert [problem.severity for problem in said] == [severity]
    words = f"{said[0].message}; {said[0].fix}"
    assert len(secret) < 5 or secret not in words
    request = Request(
        hook="h",
        method="POST",
        url="https://h.example.com/hooks/h",
        headers={},
        query={},
        body=b"{}",
        received_at=0,
    )
    assert words in diagnose(request, scheme, secrets, now=NOW).hints
    with pytest.raises(SignatureError) as error:
        verify(request, scheme, secrets, now=NOW)
    assert words in error.value.hint


@pytest.mark.parametrize(
    ("node", "secret"),
    [
        *((node, "correct-horse-battery") for node in (HMAC, BEARER, QUERY, {"basic": "acme"}, {"body_secret": "key"})),
        *((node, KEY) for node in (HMAC, BASE64, WHSEC)),
        *((WHSEC, f"{before}{KEY}") for before in ("whsec_", "v1,whsec_")),
        (WHSEC, f"whpk_{KEY}"),
        (WHSEC, f"v1a,whpk_{KEY}"),
        (HEX, "0123456789abcdef" * 4),
        (HMAC, "0123456789abcdef" * 4),
        (QUERY, "ab+cd/ef=="),
    ],
)
def test_a_right_secret_is_not_spoken_of(node: Any, secret: str) -> None:
    assert secret_problems(scheme_of(node), {role_of(node): (secret,)}) == []


def test_one_good_secret_of_two_keeps_the_hook_open() -> None:
    found = secret_problems(scheme_of(HEX), {"signing": ("0123456789abcdef", "not hex")})
    assert [problem.severity for problem in found] == [WARNING]


def test_a_plus_that_was_not_escaped_in_the_address_still_matches() -> None:
    request = Request(
        hook="h", method="POST", url="https://h.example.com/hooks/h?token=ab+cd/ef==", headers={}, body=b"{}",
        query={"token": "ab cd/ef=="}, received_at=0,
    )  # fmt: skip
    assert verify(request, scheme_of(QUERY), {"token": ("ab+cd/ef==",)}, now=NOW).authentic
