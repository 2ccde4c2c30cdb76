from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import NoAnswerError, TokenError
from bridge.http import Http
from bridge.zoho.oauth import AccessToken, exchange, refresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.zoho.conftest import Zoho


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as opened:
        yield opened


def _refresh(http: Http, zoho: Zoho) -> AccessToken:
    return refresh(http, zoho.url, client_id="id", client_secret="geheim", refresh_token="1000.rrr")


def _answered(http: Http, zoho: Zoho, status: int, answer: Any) -> TokenError:
    zoho.answer(status, answer if isinstance(answer, bytes) else json.dumps(answer).encode())
    with pytest.raises(TokenError) as caught:
        _refresh(http, zoho)
    return caught.value


def test_a_refresh_gives_a_token_and_its_life_and_keeps_secrets_out_of_the_url(http: Http, zoho: Zoho) -> None:
    zoho.answer(200, b'{"access_token":"1000.aaa","expires_in":3600,"api_domain":"https://www.zohoapis.eu"}')
    token = _refresh(http, zoho)
    assert (token.token, token.expires_in_ms, token.api_domain) == ("1000.aaa", 3_600_000, "https://www.zohoapis.eu")
    assert zoho.paths == ["/oauth/v2/token"]
    assert zoho.forms == [
        {"grant_type": "refresh_token", "client_id": "id", "client_secret": "geheim", "refresh_token": "1000.rrr"}
    ]


@pytest.mark.parametrize(
    ("life", "life_ms"),
    [(3600, 3_600_000), ("3600", 3_600_000), (3_600_000, 3_600_000), (None, 3_600_000), (0, 3_600_000), (60, 60_000)],
)
def test_a_life_is_read_in_every_form_seen(http: Http, zoho: Zoho, life: Any, life_ms: int) -> None:
    zoho.answer(200, json.dumps({"access_token": "a", "expires_in": life}).encode())
    assert _refresh(http, zoho).expires_in_ms == life_ms


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize(
    ("error", "fix"),
    [
        ("invalid_code", "authorise again"),
        ("invalid_client", "data centre"),
        ("invalid_client_secret", "copy it again"),
        ("invalid_redirect_uri", "self client"),
        ("invalid_scope", "scopes"),
        ("INVALID_OAUTHSCOPE", "scopes"),
    ],
)
def test_what_only_a_person_can_fix_is_permanent_and_says_how(
    http: Http, zoho: Zoho, status: int, error: str, fix: str
) -> None:
    failure = _answered(http, zoho, status, {"error": error})
    assert failure.permanent
    assert fix in str(failure)
    assert "geheim" not in str(failure)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"error": "Access Denied", "error_description": "too many requests continuously", "status": "failure"}),
        (200, {"error": "Access Denied", "status": "failure"}),
        (200, {"error": "访问被拒绝", "error_description": "请求过多", "status": "failure"}),
        (200, {"error": "something_new"}),
        (200, {"error": "general_error"}),
    ],
)
def test_too_many_requests_in_any_language_pass(http: Http, zoho: Zoho, status: int, answer: Any) -> None:
    failure = _answered(http, zoho, status, answer)
    assert not failure.permanent
    assert "wait 10 minutes" in str(failure)


@pytest.mark.parametrize(
    "body", [b"<html>500</html>", b"", b"[]", b"{}", b'{"access_token":""}', b'{"access_token":5}']
)
def test_an_answer_without_a_token_is_no_token(http: Http, zoho: Zoho, body: bytes) -> None:
    failure = _answered(http, zoho, 200, body)
    assert not failure.permanent


def test_no_answer_is_no_token_error(http: Http) -> None:
    with pytest.raises(NoAnswerError):
        refresh(http, "http://127.0.0.1:1", client_id="i", client_secret="s", refresh_token="r")


def test_a_code_is_exchanged_for_a_refresh_token(http: Http, zoho: Zoho) -> None:
    zoho.answer(200, b'{"access_token":"a","refresh_token":"r","api_domain":"www.zohoapis.in","expires_in":3600}')
    grant = exchange(http, zoho.url, client_id="id", client_secret="geheim", code="1000.ccc")
    assert (grant.refresh_token, grant.access.token, grant.api_domain) == ("r", "a", "www.zohoapis.in")
    assert zoho.forms[0]["code"] == "1000.ccc"
    assert zoho.forms[0]["grant_type"] == "authorization_code"


def test_a_code_without_offline_access_gives_no_refresh_token(http: Http, zoho: Zoho) -> None:
    zoho.answer(200, b'{"access_token":"a","expires_in":3600}')
    with pytest.raises(TokenError, match="no refresh token") as caught:
        exchange(http, zoho.url, client_id="id", client_secret="geheim", code="1000.ccc")
    assert caught.value.permanent


def test_tokens_do_not_show_in_a_representation(http: Http, zoho: Zoho) -> None:
    zoho.answer(200, b'{"access_token":"1000.aaa","refresh_token":"1000.rrr"}')
    grant = exchange(http, zoho.url, client_id="id", client_secret="s", code="c")
    assert "1000." not in repr(grant) + repr(grant.access)
