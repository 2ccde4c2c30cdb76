"""Builders for the tests of intake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from bridge.intake import NoVerification, VerifiedRequest, verify
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_700_000_000_000


class MakeRequest(Protocol):
    """Builds a request; header names are given in lower case."""

    def __call__(
        self,
        body: bytes = ...,
        *,
        headers: Mapping[str, str] | None = ...,
        query: Mapping[str, str] | None = ...,
        method: str = ...,
        url: str = ...,
    ) -> Request: ...


class MakeVerified(Protocol):
    """Builds a request that passed verification by the scheme `none`."""

    def __call__(self, body: bytes, content_type: str = ...) -> VerifiedRequest: ...


def _request(
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    method: str = "POST",
    url: str = "http://10.0.0.7:8080/hooks/spring?x=1",
) -> Request:
    return Request(
        hook="spring", method=method, url=url, headers=headers or {}, query=query or {}, body=body, received_at=NOW
    )


@pytest.fixture
def make_request() -> MakeRequest:
    return _request


@pytest.fixture
def make_verified() -> MakeVerified:
    def build(body: bytes, content_type: str = "application/json") -> VerifiedRequest:
        return verify(_request(body, headers={"content-type": content_type}), NoVerification(), {}, now=NOW)

    return build
