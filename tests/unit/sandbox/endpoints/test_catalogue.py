from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from bridge.sandbox import Account, default_account
from bridge.sandbox.account import custom_field, mail_list

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start, Zoho


def open_journeys(zoho: Zoho, **details: Any) -> Any:
    return zoho.get("/api/v1/journeys", params={"details": json.dumps(details)}).json()


def test_journeys_spell_the_trigger_key_in_two_ways(zoho: Zoho) -> None:
    body = open_journeys(zoho, trigger_type="open")
    reminder, welcome = body.pop("journeys")

    assert (reminder["journey_name"], welcome["journey_name"]) == ("Reminder", "Welcome")
    assert reminder["triggerkey"] == default_account().journeys[1].trigger_key
    assert welcome["trigger_key"] == default_account().journeys[0].trigger_key
    assert body == {"code": "200", "limit": 20, "page": 1, "sortorder": "asc", "message": "success"}


def test_journeys_come_in_pages(zoho: Zoho) -> None:
    second = open_journeys(zoho, page=2, limit=1, sort_order="desc")
    assert [journey["journey_name"] for journey in second["journeys"]] == ["Reminder"]
    assert open_journeys(zoho, page=3, limit=1)["code"] == "9001"


def test_details_may_be_left_out(zoho: Zoho) -> None:
    assert len(zoho.get("/api/v1/journeys").json()["journeys"]) == 2


@pytest.mark.parametrize(
    ("details", "code"), [({"trigger_type": "list"}, "9008"), ({"user": "other"}, "9001"), ({"page": 0}, "2007")]
)
def test_details_that_match_nothing_are_answered_with_their_code(
    zoho: Zoho, details: dict[str, Any], code: str
) -> None:
    assert open_journeys(zoho, **details)["code"] == code


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_lists_tell_which_of_them_ask_for_a_confirmation(zoho: Zoho, method: str) -> None:
    zoho.subscribe()
    body = zoho.call(method, "/api/v1/getmailinglists", params={"resfmt": "JSON"}).json()

    assert (body["status"], body["code"]) == ("success", "0")
    assert body["requestdetails"] == {"sort": "Ascending Order", "range": "20", "fromindex": "1"}
    assert [(one["listname"], one["is_public"], one["noofcontacts"]) for one in body["list_of_details"]] == [
        ("Newsletter", "false", "1"),
        ("Webinar", "true", "0"),
    ]


def test_lists_come_in_pages_counted_from_one(start: Start) -> None:
    lists = tuple(mail_list(f"List {number}") for number in range(5))
    zoho = start(account=Account(lists=lists, journeys=(), fields=()))
    parameters = {"resfmt": "JSON", "fromindex": "3", "range": "2"}
    body = zoho.get("/api/v1/getmailinglists", params=parameters).json()
    assert [one["listname"] for one in body["list_of_details"]] == ["List 2", "List 3"]


def test_an_account_without_lists_says_so(start: Start) -> None:
    zoho = start(account=Account(lists=(), journeys=(), fields=()))
    assert zoho.get("/api/v1/getmailinglists", params={"resfmt": "JSON"}).json()["code"] == "2401"


def test_without_resfmt_the_lists_come_in_xml(zoho: Zoho) -> None:
    root = ET.fromstring(zoho.get("/api/v1/getmailinglists").text)  # noqa: S314 - the sandbox's own text
    names = [one.text for one in root.iterfind("list_of_details/list/fl[@val='listname']")]
    assert (root.findtext("code"), names) == ("0", ["Newsletter", "Webinar"])


def test_fields_come_in_the_shape_that_clients_read(zoho: Zoho) -> None:
    response = zoho.get("/api/v1/lead/allfields", params={"type": "json"}).json()["response"]
    fields = {field["DISPLAY_NAME"]: field for field in response["fieldnames"]["fieldname"]}

    assert fields["lead Email"]["FIELD_DISPLAY_NAME"] == "CONTACT_EMAIL"
    assert (fields["First Name"]["FIELD_NAME"], fields["First Name"]["TYPE"]) == ("firstname", "standard")
    assert (fields["Plan"]["TYPE"], fields["Plan"]["values"]) == ("custom", ["Basic", "Pro", "Enterprise"])


def test_fields_can_come_in_the_shape_of_the_page(start: Start) -> None:
    zoho = start(doc_fields=True)
    response = zoho.get("/api/v1/lead/allfields", params={"type": "json"}).json()["response"]
    assert response["code"] == "0"
    assert response["fieldname"][0] == {
        "DISPLAY_NAME": "lead Email",
        "FIELD_NAME": "lead_email",
        "no": "1",
        "FIELD_ID": "4000000000015",
    }


def test_fields_without_a_type_are_refused(zoho: Zoho) -> None:
    assert zoho.get("/api/v1/lead/allfields").json()["response"]["code"] == "903"


def test_a_value_longer_than_its_field_can_be_cut(start: Start) -> None:
    account = Account(
        lists=default_account().lists, journeys=(), fields=(*default_account().fields, custom_field("Note", length=3))
    )
    zoho = start(account=account, long_values_cut=True)
    zoho.subscribe(Note="abcdef")
    assert zoho.lead()["fields"]["Note"] == "abc"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/json/listsubscribe"), ("POST", "/api/v1/nothing"), ("OPTIONS", "/api/v1/x")]
)
def test_a_wrong_address_is_answered_with_http_200_and_xml(zoho: Zoho, method: str, path: str) -> None:
    answer = zoho.call(method, path)
    assert answer.status_code == 200
    assert ET.fromstring(answer.text).findtext("code") == "1004"  # noqa: S314 - the sandbox's own text


def test_keys_are_the_same_on_every_start() -> None:
    first, second = default_account(), default_account()
    assert first == second
    assert {len(one.key) for one in first.lists} == {len(one.key) for one in first.journeys} == {32}
