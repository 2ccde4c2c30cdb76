from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start, Zoho

STRICT = {"client_id": "c9", "client_secret": "s9", "refresh_token": "r9"}


def test_a_refresh_gives_an_access_token_and_no_refresh_token(zoho: Zoho) -> None:
    answer = zoho.token_answer()
    body = answer.json()
    assert answer.status_code == 200
    assert (body["expires_in"], body["token_type"]) == (3600, "Bearer")
    assert body["access_token"]
    assert "refresh_token" not in body


def test_a_code_gives_both_tokens_once(zoho: Zoho) -> None:
    parameters = {"grant_type": "authorization_code", "code": "1000.abc", "refresh_token": ""}
    first, second = zoho.token_answer(**parameters), zoho.token_answer(**parameters)
    assert {"access_token", "refresh_token"} <= first.json().keys()
    assert (second.status_code, second.json()) == (200, {"error": "invalid_code"})


def test_parameters_may_come_in_the_query_string(zoho: Zoho) -> None:
    parameters = {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "c", "client_secret": "s"}
    assert "access_token" in zoho.post("/oauth/v2/token", params=parameters).json()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "c1"}, "invalid_client"),
        ({"client_secret": "s1"}, "invalid_client_secret"),
        ({"refresh_token": "r1"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_strict_client_accepts_only_its_own_credentials(start: Start, wrong: dict[str, str], error: str) -> None:
    zoho = start(**STRICT)
    answer = zoho.token_answer(**{**STRICT, **wrong})
    assert (answer.status_code, answer.json()) == (200, {"error": error})


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "refresh_token"])
def test_an_empty_credential_is_never_accepted(zoho: Zoho, missing: str) -> None:
    assert "error" in zoho.token_answer(**{missing: ""}).json()


def test_the_eleventh_token_in_ten_minutes_is_denied_and_later_granted(zoho: Zoho) -> None:
    for _ in range(10):
        assert "access_token" in zoho.token_answer().json()

    denied = zoho.token_answer()
    assert denied.status_code == 400
    assert (denied.json()["error"], denied.json()["status"]) == ("Access Denied", "failure")
    assert "access_token" in zoho.token_answer(refresh_token="r2").json()
    zoho.pass_seconds(600)
    assert "access_token" in zoho.token_answer().json()


def test_the_sixteenth_live_token_ends_the_oldest(start: Start) -> None:
    zoho = start(tokens_per_window=100)
    for _ in range(14):
        zoho.token_answer()
    assert zoho.subscribe().status_code == 200
    zoho.token_answer()
    assert zoho.subscribe().status_code == 401


def test_a_token_ends_after_its_hour(zoho: Zoho) -> None:
    zoho.pass_seconds(3599)
    assert zoho.subscribe().status_code == 200
    zoho.pass_seconds(1)
    answer = zoho.subscribe()
    assert answer.status_code == 401
    assert answer.json()["message"] == "Unauthorized request."


@pytest.mark.parametrize("scheme", ["Bearer", "zoho-oauthtoken", "Zoho-oauthtoken2"])
def test_only_zohos_own_word_is_understood_before_the_token(zoho: Zoho, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {zoho.token}"}
    assert zoho.get("/api/v1/getmailinglists", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "code"),
    [
        (("ZohoMarketingAutomation.journey.ALL",), "INVALID_OAUTHSCOPE"),
        (("ZohoMarketingAutomation.lead.READ",), "INVALID_OAUTHSCOPE"),
        (("ZohoMarketingAutomation.lead.CREATE",), "0"),
        (("ZohoMarketingAutomation.lead.CREATE-UPDATE",), "0"),
        (("ZohoMarketingAutomation.lead.ALL",), "0"),
    ],
)
def test_a_token_without_the_scope_is_refused(start: Start, scopes: tuple[str, ...], code: str) -> None:
    answer = start(scopes=scopes).subscribe()
    assert answer.json()["code"] == code
    assert answer.status_code == (200 if code == "0" else 401)


def test_token_requests_are_recorded_and_have_no_call_limit(start: Start) -> None:
    zoho = start(tokens_per_window=1)
    answers = [zoho.token_answer(refresh_token=f"r{number}") for number in range(3)]
    assert all(answer.status_code == 200 for answer in answers)
    assert [call["api"] for call in zoho.state()["calls"]] == ["oauth"] * 3
