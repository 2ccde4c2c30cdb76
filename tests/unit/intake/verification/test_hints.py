"""A rejected request's log says what stands in the place of the missing signature; its sender never sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import SignatureError
from bridge.intake import read_scheme, verify
from bridge.intake.verification.scheme import Scheme
from bridge.model import Request


def hint(written: object, headers: dict[str, str], query: dict[str, str] | None = None) -> str:
    scheme = read_scheme(written, "verify")
    assert not isinstance(scheme, list)
    with pytest.raises(SignatureError) as raised:
        verify(replace(_request(headers), query=query or {}), _scheme(scheme), {"token": ("right",)}, now=0)
    assert raised.value.hint not in str(raised.value) or not raised.value.hint
    return raised.value.hint


def test_another_header_in_its_place_is_named() -> None:
    assert "x-typeform-signature instead" in hint({"header_token": "X-Api-Key"}, {"x-typeform-signature": "sha256=x"})


def test_no_header_at_all_asks_for_the_secret_and_the_proxy() -> None:
    assert "no header looks like a signature or token" in hint({"header_token": "X-Api-Key"}, {"user-agent": "x"})


def test_a_signature_that_is_there_and_wrong_needs_no_hint() -> None:
    assert hint({"header_token": "X-Api-Key"}, {"x-api-key": "wrong"}) == ""


def test_where_the_signature_is_no_header_there_is_no_hint() -> None:
    assert hint({"query_token": "token"}, {"x-signature": "x"}) == ""


def test_however_many_headers_come_few_are_named() -> None:
    reported = hint({"header_token": "X-Api-Key"}, {f"x-token-{number}{'y' * 500}": "x" for number in range(1_000)})
    assert len(reported) < 400


def _scheme(scheme: Scheme | None) -> Scheme:
    assert scheme is not None
    return scheme


def _request(headers: dict[str, str]) -> Request:
    return Request(hook="x", method="POST", url="", headers=headers, query={}, body=b"{}", received_at=0)


@pytest.mark.parametrize(
    ("query", "reported"),
    [
        ({"TOKEN": "right"}, "has 'TOKEN' instead"),
        ({"amp;token": "right"}, "has 'amp;token' instead"),
        ({"list": "a?token=right"}, "two question marks"),
        ({"token": '"right" '}, "quotes, brackets or blanks"),
        ({"token": "%72ight"}, "escaped twice"),
        ({"token": "wrong"}, ""),
        ({"other": "right"}, ""),
    ],
)
def test_a_token_in_the_query_that_is_nearly_right_is_explained(query: dict[str, str], reported: str) -> None:
    found = hint({"query_token": "token"}, {}, query)
    assert reported in found if reported else not found
    assert "right" not in found.replace("is right", "")


def test_a_word_before_the_token_is_named_with_what_to_write() -> None:
    found = hint({"header_token": "X-Api-Key"}, {"x-api-key": "Bearer right"})
    assert "{header: x-api-key, prefix: 'Bearer '}" in found
    assert "quotes" in hint({"header_token": "X-Api-Key"}, {"x-api-key": "<right>"})
