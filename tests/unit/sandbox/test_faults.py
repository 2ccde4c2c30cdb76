from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start, Zoho


def codes(zoho: Zoho) -> list[tuple[Any, str]]:
    return [(call["status"], call["code"]) for call in zoho.state()["calls"]]


@pytest.mark.parametrize("processed", [True, False])
def test_a_connection_is_cut_after_or_before_the_call_took_effect(zoho: Zoho, processed: bool) -> None:
    zoho.fault(kind="cut", api="subscribe", count=1, processed=processed)

    with pytest.raises(requests.ConnectionError):
        zoho.subscribe()

    assert (zoho.lead() is not None) is processed
    (call,) = zoho.state()["calls"]
    assert (call["status"], call["answered"], call["processed"]) == (None, False, processed)
    assert zoho.subscribe().status_code == 200


def test_a_slow_answer_waits_after_the_call_took_effect(start: Start) -> None:
    seen: list[Any] = []
    zoho: Zoho = start(sleep=lambda seconds: seen.append((seconds, zoho.lead())))
    zoho.fault(kind="slow", seconds=7.5, count=1)
    assert zoho.subscribe().json()["code"] == "0"
    ((seconds, lead),) = seen
    assert (seconds, lead["status"]) == (7.5, "active")


def test_a_slow_call_can_wait_before_it_takes_effect(start: Start) -> None:
    seen: list[Any] = []
    zoho: Zoho = start(sleep=lambda _: seen.append(zoho.lead()))
    zoho.fault(kind="slow", seconds=1, count=1, processed=False)
    zoho.subscribe()
    assert seen == [None]
    assert zoho.lead() is not None


def test_a_slow_call_delays_no_other(start: Start) -> None:
    waits, go_on = threading.Event(), threading.Event()

    def wait(_seconds: float) -> None:
        waits.set()
        go_on.wait(60)

    zoho = start(sleep=wait)
    zoho.fault(kind="slow", api="subscribe", seconds=1, count=1)
    slow = threading.Thread(target=zoho.subscribe)
    slow.start()
    try:
        assert waits.wait(60)
        assert zoho.subscribe("grace@example.org").json()["code"] == "0"
        assert [call["answered"] for call in zoho.state()["calls"]] == [False, True]
    finally:
        go_on.set()
        slow.join()


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ({"kind": "status"}, 500, "text/plain"),
        ({"kind": "status", "status": 503}, 503, "text/plain"),
        ({"kind": "html"}, 502, "text/html"),
        ({"kind": "html", "status": 200}, 200, "text/html"),
    ],
)
def test_a_gateway_can_answer_in_the_place_of_zoho(zoho: Zoho, fault: dict[str, Any], status: int, kind: str) -> None:
    zoho.fault(**fault)
    answer = zoho.subscribe()
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(kind)
    assert zoho.lead() is None


def test_an_ended_token_stays_ended_when_the_fault_is_over(zoho: Zoho) -> None:
    zoho.fault(kind="token", count=1)
    assert [zoho.subscribe().status_code for _ in range(2)] == [401, 401]
    zoho.token = zoho.token_answer().json()["access_token"]
    assert zoho.subscribe().status_code == 200


def test_a_lock_on_demand_is_no_lockout_of_the_callers_making(zoho: Zoho) -> None:
    zoho.fault(kind="lock", api="trigger", count=1)
    assert zoho.trigger("ada@example.org")["error"]["title"] == "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED"
    zoho.pass_seconds(1799)
    assert "error" in zoho.trigger("ada@example.org")
    zoho.pass_seconds(1)
    assert zoho.trigger("ada@example.org")["code"] == "200"
    assert zoho.state()["lockouts"] == 0


def test_an_error_on_demand_can_follow_one_lead(zoho: Zoho) -> None:
    zoho.fault(kind="error", code="2007", lead="Grace@example.org")
    assert zoho.subscribe("ada@example.org").json()["code"] == "0"
    assert zoho.subscribe("grace@example.org").json()["code"] == "2007"
    assert zoho.trigger("ada@example.org", "GRACE@example.org")["code"] == "2007"
    assert zoho.trigger("ada@example.org")["code"] == "200"


def test_a_journey_can_be_inactive_and_a_list_deleted(zoho: Zoho) -> None:
    zoho.fault(kind="journey_inactive", count=1)
    assert zoho.subscribe("grace@example.org").json()["code"] == "0"
    zoho.fault(kind="list_deleted", count=2)
    assert zoho.trigger("ada@example.org")["code"] == "9006"
    assert zoho.trigger("ada@example.org")["code"] == "400"
    assert zoho.subscribe().json()["code"] == "2501"
    assert zoho.subscribe().json()["code"] == "0"


def test_the_token_endpoint_has_faults_too(zoho: Zoho) -> None:
    zoho.fault(kind="error", api="oauth", code="invalid_code", count=1)
    assert zoho.token_answer().json() == {"error": "invalid_code"}
    assert "access_token" in zoho.token_answer().json()


def test_a_fault_without_count_lasts_until_cleared(zoho: Zoho) -> None:
    zoho.fault(kind="status", api="subscribe")
    assert [zoho.subscribe().status_code for _ in range(3)] == [500] * 3
    assert zoho.call("DELETE", "/_sandbox/faults").json() == {"faults": []}
    assert zoho.subscribe().status_code == 200


def test_poisoned_calls_count_in_the_limit(start: Start) -> None:
    zoho = start(subscribe_calls=1)
    zoho.fault(kind="status", count=2)
    assert [zoho.subscribe().status_code for _ in range(2)] == [500, 400]
    assert [fault["count"] for fault in zoho.get("/_sandbox/faults").json()["faults"]] == [1]


def test_everything_wrong_with_a_fault_is_said_at_once(zoho: Zoho) -> None:
    answer = zoho.post("/_sandbox/faults", json={"kind": "slwo", "api": "x", "seconds": "1", "often": 1, "count": 0})
    assert answer.status_code == 400
    assert len(answer.json()["problems"]) == 5
    assert zoho.post("/_sandbox/faults", json=7).status_code == 400
    assert zoho.post("/_sandbox/faults", json={"kind": "error"}).json() == {"problems": ["an error needs a code"]}
