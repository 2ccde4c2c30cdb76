from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from bridge.sandbox import default_account

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start, Zoho

NEWSLETTER, WEBINAR = (mail_list.key for mail_list in default_account().lists)


def test_a_private_list_takes_the_lead_at_once(zoho: Zoho) -> None:
    answer = zoho.subscribe("Ada@Example.org", First_Name="Ada", Plan="Pro")

    assert answer.json() == {
        "message": "User successfully subscribed.",
        "status": "success",
        "code": "0",
        "uri": "/api/v1/json/listsubscribe",
        "version": "1",
    }
    assert zoho.lead() == {
        "fields": {"Lead Email": "Ada@Example.org", "First Name": "Ada", "Plan": "Pro"},
        "status": "active",
    }


def test_parameters_are_read_from_the_query_string_too(zoho: Zoho) -> None:
    info = json.dumps({"Lead Email": "ada@example.org"})
    answer = zoho.post("/api/v1/json/listsubscribe", params={"resfmt": "JSON", "listkey": NEWSLETTER, "leadinfo": info})
    assert answer.json()["code"] == "0"


def test_a_json_body_is_not_understood(zoho: Zoho) -> None:
    body = {"resfmt": "JSON", "listkey": NEWSLETTER, "leadinfo": {"Lead Email": "ada@example.org"}}
    assert "<code>2501</code>" in zoho.post("/api/v1/json/listsubscribe", json=body).text


def test_an_existing_lead_of_a_private_list_is_updated_and_the_message_says_so(zoho: Zoho) -> None:
    zoho.subscribe(First_Name="Ada", City="London")
    answer = zoho.subscribe(First_Name="Augusta").json()

    assert (answer["status"], answer["code"]) == ("success", "0")
    assert "already exists" in answer["message"]
    assert zoho.lead()["fields"] == {"Lead Email": "ada@example.org", "First Name": "Augusta", "City": "London"}


def test_a_public_list_sends_a_confirmation_and_the_lead_waits(zoho: Zoho) -> None:
    answer = zoho.subscribe(into="Webinar", First_Name="Ada").json()

    assert answer["message"].startswith("A confirmation email is sent to the user.")
    assert zoho.lead(of="Webinar")["status"] == "unconfirmed"
    assert zoho.state()["confirmations"] == {"ada@example.org": 1}


def test_a_confirmed_lead_is_active_and_gets_no_second_mail(zoho: Zoho) -> None:
    zoho.subscribe(into="Webinar")
    assert zoho.control("confirm", address="ADA@example.org", list="Webinar").status_code == 200
    again = zoho.subscribe(into="Webinar").json()

    assert "already exists" in again["message"]
    assert zoho.lead(of="Webinar")["status"] == "active"
    assert zoho.state()["confirmations"] == {"ada@example.org": 1}


def test_a_public_list_never_updates_an_existing_lead(zoho: Zoho) -> None:
    zoho.subscribe(First_Name="Ada")
    zoho.subscribe(into="Webinar", First_Name="Augusta")

    assert zoho.lead(of="Webinar")["fields"]["First Name"] == "Ada"
    assert zoho.lead(of="Webinar")["status"] == "unconfirmed"


def test_details_of_a_lead_who_never_confirmed_follow_the_latest_call(zoho: Zoho) -> None:
    zoho.subscribe(into="Webinar", First_Name="Ada")
    zoho.subscribe(into="Webinar", First_Name="Augusta")

    assert zoho.lead(of="Webinar")["fields"]["First Name"] == "Augusta"
    assert zoho.state()["confirmations"] == {"ada@example.org": 2}


def test_who_unsubscribed_stays_so_until_the_person_confirms(zoho: Zoho) -> None:
    zoho.subscribe()
    zoho.control("unsubscribe", address="ada@example.org")
    assert zoho.control("confirm", address="ada@example.org").status_code == 404
    answer = zoho.subscribe().json()

    assert "confirmation" in answer["message"]
    assert zoho.lead()["status"] == "unsubscribed"
    assert zoho.control("confirm", address="ada@example.org").status_code == 200
    assert zoho.lead()["status"] == "active"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"listkey": ""}, "2501"),
        ({"listkey": "0" * 32}, "2501"),
        ({"leadinfo": ""}, "903"),
        ({"leadinfo": "{Lead Email:ada@example.org}"}, "2001"),
        ({"leadinfo": "[]"}, "2001"),
        ({"leadinfo": '{"Lead Email": "ada@example.org", "Plan": NaN}'}, "2001"),
        ({"leadinfo": '{"First Name": "Ada"}'}, "2004"),
        ({"leadinfo": '{"Contact Email": "ada@example.org"}'}, "2004"),
        ({"leadinfo": '{"Lead Email": "ada"}'}, "2004"),
        ({"leadinfo": '{"Lead Email": "ada@example"}'}, "2004"),
        ({"leadinfo": '{"Lead Email": "ada.@example.org"}'}, "2004"),
        ({"leadinfo": '{"Lead Email": "ada@example.org,ada@example.com"}'}, "2004"),
        ({"leadinfo": '{"Lead Email": 7}'}, "2004"),
        ({"leadinfo": '{"Lead Email": "Info@example.org"}'}, "2005"),
        ({"leadinfo": '{"Lead Email": "ada@example.org", "Plan": ["Pro"]}'}, "2007"),
    ],
)
def test_a_wrong_call_is_answered_with_its_code_and_http_200(zoho: Zoho, parameters: dict[str, str], code: str) -> None:
    good = {"listkey": NEWSLETTER, "leadinfo": '{"Lead Email": "ada@example.org"}'}
    answer = zoho.subscribe_with(**{**good, **parameters})

    assert answer.status_code == 200
    assert (answer.json()["code"], answer.json()["status"]) == (code, "error")
    assert zoho.state()["leads"] == {"Newsletter": {}, "Webinar": {}}


def test_the_unquoted_form_of_the_page_is_read_when_reported_to(start: Start) -> None:
    zoho = start(lenient_json=True)
    zoho.subscribe_with(listkey=NEWSLETTER, leadinfo="{First Name:Ada,Lead Email:ada@example.org}")
    assert zoho.lead()["fields"] == {"First Name": "Ada", "Lead Email": "ada@example.org"}


def test_a_do_not_mail_address_is_refused(zoho: Zoho) -> None:
    zoho.control("do_not_mail", address="Ada@example.org")
    assert zoho.subscribe().json()["code"] == "2006"


def test_the_plan_maximum_refuses_new_leads_only(start: Start) -> None:
    zoho = start(plan_maximum=1)
    zoho.subscribe("ada@example.org")

    assert zoho.subscribe("grace@example.org").json()["code"] == "980"
    assert zoho.subscribe("ada@example.org", City="London").json()["code"] == "0"


@pytest.mark.parametrize(("extra", "code"), [("source=x", "1002"), ("listkey=x", "1006")])
def test_unknown_and_repeated_parameters_are_refused_in_xml(zoho: Zoho, extra: str, code: str) -> None:
    body = f"resfmt=JSON&listkey={NEWSLETTER}&leadinfo=%7B%22Lead%20Email%22:%22ada@example.org%22%7D&{extra}"
    headers = {"Authorization": f"Zoho-oauthtoken {zoho.token}", "Content-Type": "application/x-www-form-urlencoded"}
    answer = zoho.post("/api/v1/json/listsubscribe", data=body, headers=headers)

    assert answer.headers["Content-Type"].startswith("text/xml")
    assert ET.fromstring(answer.text).findtext("code") == code  # noqa: S314 - the sandbox's own text
    assert zoho.lead() is None


def test_extra_parameters_pass_when_reported_to(start: Start) -> None:
    zoho = start(refuse_extra_parameters=False)
    answer = zoho.subscribe_with(listkey=NEWSLETTER, leadinfo='{"Lead Email": "ada@example.org"}', extra="1")
    assert answer.json()["code"] == "0"


def test_without_resfmt_the_answer_is_xml(zoho: Zoho) -> None:
    answer = zoho.subscribe_with(resfmt="", listkey=NEWSLETTER, leadinfo='{"Lead Email": "ada@example.org"}')
    root = ET.fromstring(answer.text)  # noqa: S314 - the sandbox's own text

    assert (root.findtext("status"), root.findtext("code")) == ("success", "0")
    assert root.attrib == {"uri": "/api/v1/json/listsubscribe", "version": "1"}


@pytest.mark.parametrize(
    ("settings", "given", "stored"),
    [
        ({}, {"City": ""}, {"City": ""}),
        ({"blank_clears": False}, {"City": None}, {"City": "London"}),
        ({}, {"Shoe_size": 39}, {"City": "London"}),
        ({}, {"city": "Paris 🗼"}, {"City": "Paris 🗼"}),
    ],
)
def test_what_the_pages_leave_open_is_a_setting(
    start: Start, settings: dict[str, Any], given: dict[str, Any], stored: dict[str, Any]
) -> None:
    zoho = start(**settings)
    zoho.subscribe(City="London")
    zoho.subscribe(**given)
    assert zoho.lead()["fields"] == {"Lead Email": "ada@example.org", **stored}


def test_an_unknown_field_can_be_refused(start: Start) -> None:
    zoho = start(refuse_unknown_fields=True)
    assert zoho.subscribe(Shoe_size=39).json()["code"] == "2007"


def test_an_error_in_the_body_can_come_with_another_http_status(start: Start) -> None:
    zoho = start(error_status=400)
    answer = zoho.subscribe("ada")
    assert (answer.status_code, answer.json()["code"]) == (400, "2004")
