from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from bridge.errors import NoAnswerError
from bridge.http import Http
from bridge.zoho.apis import APIS, FIELDS, JOURNEYS, SUBSCRIBE, TRIGGER, lead_apis
from bridge.zoho.client import send
from bridge.zoho.data_centers import mismatch, of_host
from bridge.zoho.forms import subscribe_form, trigger_form
from bridge.zoho.packing import fits
from bridge.zoho.resolve import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.zoho.conftest import MakeDelivery, Zoho

KEYS = Keys(list_key="L1", journey_key="J/1", trigger_key="T1")


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as opened:
        yield opened


def test_a_post_carries_the_form_in_its_body_and_the_token_in_zohos_own_header(http: Http, zoho: Zoho) -> None:
    zoho.answer(200, b'{"status":"success","code":"0"}')
    form = {"leadinfo": '{"Lead Email":"ada@example.com","Company":"A&B + é"}', "listkey": "L1"}
    envelope = send(http, SUBSCRIBE, api_url=zoho.url + "/", token="1000.aaa", form=form, deadline_seconds=5)
    assert envelope.succeeded
    assert (zoho.methods, zoho.paths) == (["POST"], ["/api/v1/json/listsubscribe"])
    assert zoho.forms == [form]
    assert zoho.headers[0]["authorization"] == "Zoho-oauthtoken 1000.aaa"
    assert zoho.headers[0]["content-type"] == "application/x-www-form-urlencoded"


def test_keys_stand_quoted_in_the_path(http: Http, zoho: Zoho) -> None:
    zoho.answer(200, b"{}")
    path_keys = {"journey_key": "J/1"}
    send(http, TRIGGER, api_url=zoho.url, token="t", path_keys=path_keys, form={"details": "{}"}, deadline_seconds=5)
    assert zoho.paths == ["/api/v1/journeys/J%2F1/action/trigger"]


def test_a_get_carries_the_form_in_its_url(http: Http, zoho: Zoho) -> None:
    zoho.answer(200, b"{}")
    send(http, JOURNEYS, api_url=zoho.url, token="t", form={"details": '{"page":1}'}, deadline_seconds=5)
    send(http, FIELDS, api_url=zoho.url, token="t", form={}, deadline_seconds=5)
    assert zoho.methods == ["GET", "GET"]
    assert parse_qs(urlsplit(zoho.paths[0]).query) == {"details": ['{"page":1}']}
    assert zoho.paths[1] == "/api/v1/lead/allfields"
    assert zoho.forms == [{}, {}]


def test_an_error_answer_is_an_answer_and_its_wait_is_read(http: Http, zoho: Zoho) -> None:
    zoho.answer(429, b"<html></html>", Retry_After="90")
    envelope = send(http, SUBSCRIBE, api_url=zoho.url, token="t", form={}, deadline_seconds=5)
    assert (envelope.http_status, envelope.retry_after_ms) == (429, 90_000)


def test_no_answer_is_raised(http: Http) -> None:
    with pytest.raises(NoAnswerError):
        send(http, SUBSCRIBE, api_url="http://127.0.0.1:1", token="t", form={}, deadline_seconds=5)


def test_a_subscribe_sends_the_stored_lead_and_only_documented_parameters(delivery: MakeDelivery) -> None:
    body = '{"Lead Email":"ada@example.com","First Name":"Ada é"}'
    plain = subscribe_form(KEYS, [delivery(body=body.encode())])
    assert plain == {"listkey": "L1", "leadinfo": body, "resfmt": "JSON"}
    rich = subscribe_form(Keys(list_key="L1", sources="Web", topics="1,2"), [delivery(body=body.encode())])
    assert rich == {**plain, "sources": "Web", "topic_id": "1,2"}


def test_subscribes_of_one_lead_merge_and_the_later_field_wins(delivery: MakeDelivery) -> None:
    form = subscribe_form(KEYS, [delivery(1, body=b'{"A":"1","B":"1"}'), delivery(2, body=b'{"B":"2"}')])
    assert orjson.loads(form["leadinfo"]) == {"A": "1", "B": "2"}


def test_a_subscribe_of_several_leads_or_none_is_a_mistake(delivery: MakeDelivery) -> None:
    with pytest.raises(ValueError, match="exactly one lead"):
        subscribe_form(KEYS, [delivery(1), delivery(2, lead="blaise@example.com")])
    with pytest.raises(ValueError, match="exactly one lead"):
        subscribe_form(KEYS, [])


def test_a_trigger_sends_each_address_once_as_it_was_given(delivery: MakeDelivery) -> None:
    leads = [
        delivery(1, body=b'{"lead_email":"Ada@Example.com"}'),
        delivery(2, lead="blaise@example.com"),
        delivery(3, body=b'{"lead_email":"ADA@example.com"}'),
    ]
    form = trigger_form(KEYS, leads)
    assert list(form) == ["details"]
    assert orjson.loads(form["details"]) == {
        "lead_email": "ADA@example.com,blaise@example.com",
        "triggerkey": "T1",
        "listkey": "L1",
    }


def test_a_call_of_the_longest_addresses_fits(delivery: MakeDelivery) -> None:
    longest = [delivery(n, lead=f"{n:064}@{'a' * 185}.com") for n in range(200)]
    assert fits(longest) == 200


def test_what_does_not_fit_is_left_but_never_everything(delivery: MakeDelivery) -> None:
    leads = [delivery(n, body=b"0123456789") for n in range(5)]
    assert [fits(leads, size) for size in (1, 19, 20, 10_000)] == [1, 1, 2, 5]
    assert fits([]) == 0


def test_the_table_keeps_below_zohos_limits() -> None:
    assert all(api.budget < api.limit and APIS[api.name] is api for api in APIS.values())
    assert [(api.name, api.limit, api.batch) for api in lead_apis()] == [
        ("subscribe", 500, 1),
        ("trigger", 100, 200),
        ("add_leads", 500, 10),
        ("unsubscribe", 500, 1),
        ("do_not_mail", 500, 1),
        ("tag", 500, 1),
        ("untag", 500, 1),
    ]
    assert all((api.window_ms, api.lock_ms) == (300_000, 1_800_000) for api in lead_apis())


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.zohoapis.com", "us"),
        ("https://www.zohoapis.eu", "eu"),
        ("https://accounts.zoho.com.au/oauth", "au"),
        ("marketingautomation.zohocloud.ca", "ca"),
        ("www.zohoapis.com.cn", "cn"),
        ("www.example.com", None),
        ("", None),
    ],
)
def test_a_host_reports_its_data_centre(host: str, name: str | None) -> None:
    assert of_host(host) == name


def test_a_token_of_another_data_centre_is_reported() -> None:
    eu = "https://marketingautomation.zoho.eu"
    assert mismatch(eu, "https://www.zohoapis.eu") is None
    assert mismatch("http://127.0.0.1:9", "https://www.zohoapis.eu") is None
    assert mismatch(eu, "https://www.zohoapis.in") == (
        "the token belongs to the data centre 'in', the calls go to 'eu'; set ZOHO_DATA_CENTER to 'in'"
    )
