from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bridge.sandbox.apis import API_NAMES

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start, Zoho


def test_a_fresh_sandbox_is_empty(zoho: Zoho) -> None:
    assert zoho.state() == {
        "leads": {"Newsletter": {}, "Webinar": {}},
        "journeys": {"Welcome": {}, "Reminder": {}},
        "tags": {"Customer": [], "VIP": []},
        "do_not_mail": [],
        "calls": [],
        "lockouts": 0,
        "confirmations": {},
        "max_in_window": dict.fromkeys(API_NAMES, 0),
    }


def test_every_call_is_recorded_with_its_leads(zoho: Zoho) -> None:
    zoho.subscribe("Ada@example.org")
    zoho.trigger("ada@example.org", "grace@example.org")

    first, second = zoho.state()["calls"]
    assert first == {
        "api": "subscribe",
        "at": "2027-01-15T08:00:00.000Z",
        "leads": ["ada@example.org"],
        "status": 200,
        "code": "0",
        "processed": True,
        "answered": True,
    }
    assert (second["api"], second["code"]) == ("trigger", "200")
    assert second["leads"] == ["ada@example.org", "grace@example.org"]


def test_reset_forgets_everything_but_the_tokens(start: Start) -> None:
    zoho = start(subscribe_calls=1)
    zoho.subscribe()
    zoho.subscribe()
    zoho.fault(kind="html", api="trigger")
    zoho.control("reset")

    assert zoho.state()["leads"]["Newsletter"] == {}
    assert zoho.trigger("ada@example.org")["code"] == "200"
    assert zoho.subscribe().json()["code"] == "0"
    assert zoho.state()["lockouts"] == 0


def test_a_change_of_nobody_or_nothing_is_refused(zoho: Zoho) -> None:
    assert zoho.control("confirm", address="ada@example.org").status_code == 404
    assert zoho.control("confirm").status_code == 400
    unknown = zoho.control("unsubscribe", address="ada@example.org", list="News")
    assert (unknown.status_code, unknown.json()) == (
        404,
        {"problems": ["list 'News' is unknown; known: Newsletter, Webinar"]},
    )


def test_calls_at_the_same_time_are_all_counted(start: Start) -> None:
    zoho = start(subscribe_calls=20)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: zoho.subscribe(f"lead{number}@example.org").status_code, range(30)))

    state = zoho.state()
    assert sorted(answers) == [200] * 20 + [400] * 10
    assert len(state["leads"]["Newsletter"]) == 20
    assert (state["lockouts"], state["max_in_window"]["subscribe"]) == (1, 30)


def test_people_can_be_in_a_list_from_the_start(zoho: Zoho) -> None:
    assert zoho.post("/_sandbox/members", json={"list": "Newsletter", "addresses": ["Ada@example.org"]}).ok
    assert zoho.lead()["status"] == "active"
    assert zoho.trigger("ada@example.org")["triggered_leads"] == ["ada@example.org"]
    assert zoho.post("/_sandbox/members", json={"list": "Nobody's", "addresses": []}).status_code == 400
