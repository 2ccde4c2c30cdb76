from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bridge.sandbox import default_account
from bridge.sandbox.account import Account, journey

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start, Zoho

NEWSLETTER = default_account().lists[0]
WELCOME = default_account().journeys[0]


def test_leads_are_sorted_as_on_the_page(zoho: Zoho) -> None:
    zoho.subscribe("ada@example.org")
    zoho.subscribe("grace@example.org")
    zoho.trigger("grace@example.org")

    assert zoho.trigger("Ada@example.org", "grace@example.org", "joan@example.org") == {
        "code": "200",
        "already_triggered": ["grace@example.org"],
        "list_key": NEWSLETTER.key,
        "ignored_leads": ["joan@example.org"],
        "list_name": "Newsletter",
        "version": "1",
        "url": f"/api/v1/journeys/{WELCOME.key}/action/trigger",
        "triggered_leads": ["Ada@example.org"],
        "status": "success",
    }
    assert zoho.state()["journeys"]["Welcome"] == {"grace@example.org": 1, "ada@example.org": 1}


def test_a_journey_with_reentry_lets_the_lead_in_again(zoho: Zoho) -> None:
    zoho.subscribe()
    for _ in range(2):
        assert zoho.trigger("ada@example.org", journey="Reminder")["triggered_leads"] == ["ada@example.org"]
    assert zoho.state()["journeys"]["Reminder"] == {"ada@example.org": 2}


def test_an_address_given_twice_in_a_call_enters_once(zoho: Zoho) -> None:
    zoho.subscribe()
    answer = zoho.trigger("ada@example.org", "ADA@example.org", journey="Reminder")
    assert answer["triggered_leads"] == ["ada@example.org"]
    assert zoho.state()["journeys"]["Reminder"] == {"ada@example.org": 1}


@pytest.mark.parametrize("action", ["unsubscribe", "do_not_mail"])
def test_who_may_not_be_mailed_is_ignored(zoho: Zoho, action: str) -> None:
    zoho.subscribe()
    zoho.control(action, address="ada@example.org")
    assert zoho.trigger("ada@example.org")["ignored_leads"] == ["ada@example.org"]
    assert zoho.state()["journeys"]["Welcome"] == {}


def test_who_has_not_confirmed_is_ignored_until_the_click(zoho: Zoho) -> None:
    zoho.subscribe(into="Webinar")
    assert zoho.trigger("ada@example.org", into="Webinar")["ignored_leads"] == ["ada@example.org"]
    zoho.control("confirm", address="ada@example.org")
    assert zoho.trigger("ada@example.org", into="Webinar")["triggered_leads"] == ["ada@example.org"]


def test_a_lead_of_another_list_is_ignored(zoho: Zoho) -> None:
    zoho.subscribe(into="Newsletter")
    assert zoho.trigger("ada@example.org", into="Webinar")["ignored_leads"] == ["ada@example.org"]


def test_a_new_membership_can_be_made_to_show_late(start: Start) -> None:
    zoho = start(visible_after_seconds=30)
    zoho.subscribe()
    assert zoho.trigger("ada@example.org")["ignored_leads"] == ["ada@example.org"]
    zoho.pass_seconds(30)
    assert zoho.trigger("ada@example.org")["triggered_leads"] == ["ada@example.org"]


def test_two_hundred_leads_are_taken_and_one_more_is_refused(zoho: Zoho) -> None:
    addresses = [f"lead{number}@example.org" for number in range(201)]
    assert len(zoho.trigger(*addresses[:200])["ignored_leads"]) == 200
    assert zoho.trigger(*addresses)["code"] == "9004"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lead_email": ""}, "9007"),
        ({"triggerkey": ""}, "9007"),
        ({"listkey": ""}, "9007"),
        ({"triggerkey": "0" * 32}, "9008"),
        ({"listkey": "0" * 32}, "400"),
    ],
)
def test_a_wrong_detail_is_answered_with_its_code(zoho: Zoho, changes: dict[str, str], code: str) -> None:
    answer = zoho.trigger("ada@example.org", **changes)
    assert (answer["code"], answer["status"]) == (code, "error")
    assert answer["url"] == f"/api/v1/journeys/{WELCOME.key}/action/trigger"


@pytest.mark.parametrize(("details", "code"), [("", "9007"), ("{lead_email:ada@example.org}", "2001"), ("[]", "2001")])
def test_details_that_are_no_object_are_refused(zoho: Zoho, details: str, code: str) -> None:
    assert zoho.trigger_with(details).json()["code"] == code


def test_an_unknown_journey_is_refused(zoho: Zoho) -> None:
    details = {"lead_email": "ada@example.org", "triggerkey": WELCOME.trigger_key, "listkey": NEWSLETTER.key}
    assert zoho.trigger_with(json.dumps(details), key="0" * 32).json()["code"] == "9002"


def test_an_inactive_journey_is_refused(start: Start) -> None:
    asleep = journey("Welcome", active=False)
    zoho = start(account=Account(lists=(NEWSLETTER,), journeys=(asleep,), fields=default_account().fields))
    assert zoho.trigger("ada@example.org")["code"] == "9006"


def test_details_are_read_from_the_query_string_too(zoho: Zoho) -> None:
    details = {"lead_email": "ada@example.org", "triggerkey": WELCOME.trigger_key, "listkey": NEWSLETTER.key}
    answer = zoho.post(f"/api/v1/journeys/{WELCOME.key}/action/trigger", params={"details": json.dumps(details)})
    assert answer.json()["ignored_leads"] == ["ada@example.org"]


def test_an_undocumented_parameter_is_refused(zoho: Zoho) -> None:
    answer = zoho.post(f"/api/v1/journeys/{WELCOME.key}/action/trigger", data={"details": "{}", "resfmt": "JSON"})
    assert "<code>1002</code>" in answer.text
