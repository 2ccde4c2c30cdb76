from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bridge.sandbox import default_account
from bridge.sandbox.account import Account, journey

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start, Zoho


def test_an_active_lead_gets_a_tag_and_loses_it(zoho: Zoho) -> None:
    zoho.subscribe()
    assert _call(zoho, "associate", tagName="VIP", lead_email="Ada@example.org")["code"] == "0"
    assert zoho.state()["tags"] == {"Customer": [], "VIP": ["ada@example.org"]}
    assert _call(zoho, "deassociate", tagName="VIP", lead_email="ada@example.org")["code"] == "0"
    assert zoho.state()["tags"] == {"Customer": [], "VIP": []}


def test_a_journey_that_starts_with_a_tag_is_entered_by_it_and_is_not_open(start: Start) -> None:
    account = replace(default_account(), journeys=(journey("Welcome"), journey("Follow-up", tag="VIP")))
    zoho = start(account=account)
    zoho.subscribe()
    for what in ("associate", "associate", "deassociate", "associate"):
        _call(zoho, what, tagName="VIP", lead_email="ada@example.org")
    assert zoho.state()["journeys"]["Follow-up"] == {"ada@example.org": 1}
    assert [one["journey_name"] for one in zoho.get("/api/v1/journeys").json()["journeys"]] == ["Welcome"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"tagName": "", "lead_email": "ada@example.org"}, "903"),
        ({"tagName": "VIPs", "lead_email": "ada@example.org"}, "6613"),
        ({"tagName": "VIP", "lead_email": "nobody@example.org"}, "993"),
        ({"tagName": "VIP", "lead_email": "asked@example.org"}, "993"),
        ({"tagName": "VIP", "lead_email": "blocked@example.org"}, "993"),
    ],
)
def test_only_an_active_lead_and_a_tag_that_exists_will_do(zoho: Zoho, parameters: dict[str, str], code: str) -> None:
    zoho.subscribe()
    zoho.subscribe("asked@example.org", into="Webinar")
    zoho.subscribe("blocked@example.org")
    zoho.post("/_sandbox/do_not_mail", json={"address": "blocked@example.org"})
    assert _call(zoho, "associate", **parameters)["code"] == code


def test_a_tag_is_created_once_and_listed(zoho: Zoho) -> None:
    made = _call(zoho, "add", tagName="New", tagDesc="x")
    assert (made["code"], made["TagInfoId"] > 0) == ("0", True)
    assert _call(zoho, "add", tagName="New", tagDesc="x")["code"] == "6614"
    assert _call(zoho, "add", tagName="Newer")["code"] == "903"
    assert _call(zoho, "add", tagName="Newer", tagDesc="x", color="red")["code"] == "6616"
    listed = zoho.get("/api/v1/tag/getalltags").json()["tags"]
    assert [tag["tag_name"] for item in listed for tag in item.values()] == ["Customer", "VIP", "New"]


def test_an_account_without_tags_says_so(start: Start) -> None:
    account = default_account()
    zoho = start(account=Account(lists=account.lists, journeys=account.journeys, fields=account.fields))
    assert zoho.get("/api/v1/tag/getalltags").json()["code"] == "992"


def _call(zoho: Zoho, what: str, **parameters: str) -> Any:
    return zoho.post(f"/api/v1/tag/{what}", data={name: text for name, text in parameters.items() if text}).json()
