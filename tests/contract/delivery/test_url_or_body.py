"""An account that reads parameters in the URL only, and one that refuses what it read: a real sandbox, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge import zoho
from bridge.model import ParametersIn, Target
from bridge.outbox import operator, queue, registry
from tests.contract.delivery.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.delivery.conftest import Pipeline

ADA = "ada@example.com"
ACTIONS = {
    "subscribe": "  - subscribe: {list: Newsletter}\n",
    "trigger": "  - trigger: {journey: Welcome, list: Newsletter}\n",
    "unsubscribe": "  - unsubscribe: {list: Newsletter}\n",
    "do_not_mail": "  - do_not_mail: true\n",
    "tag": "  - tag: {name: VIP, create: true}\n",
    "untag": "  - untag: VIP\n",
}
"""A mapping's action for each API that carries leads, but for the one that takes nothing but addresses."""

APIS = [api.name for api in zoho.lead_apis()]


@pytest.fixture
def by_url(outbox_url: str) -> Iterator[Pipeline]:
    """An account that reads no body."""
    with opened(outbox_url, parameters_in_url=True) as pipeline:
        yield pipeline


def parameters_in(pipeline: Pipeline, api: str) -> ParametersIn:
    return queue.ledger(pipeline.store, "default", api).parameters_in


def answers(pipeline: Pipeline, api: str) -> list[str]:
    """The codes of an API's calls, in their order."""
    return [call["code"] for call in pipeline.zoho()["calls"] if call["api"] == api]


def attempts(pipeline: Pipeline, lead: str = ADA) -> list[int]:
    return [one.attempts_count for one in pipeline.deliveries(lead)]


def receive(pipeline: Pipeline, api: str, lead: str) -> None:
    """Take a webhook of somebody who goes to this API."""
    if api == "add_leads":
        target = Target(api=api, list_name="Newsletter")
        pipeline.store_as_it_is(target, b'{"Lead Email": "%s"}', lead)
    else:
        pipeline.receive(ACTIONS[api], lead)


@pytest.mark.parametrize("api", APIS)
def test_a_call_whose_body_is_not_read_is_asked_once_more_in_the_url(by_url: Pipeline, api: str) -> None:
    by_url.join("Newsletter", ADA)
    receive(by_url, api, ADA)
    by_url.deliver()
    first = zoho.is_missing(answers(by_url, api)[0])
    assert (first, len(answers(by_url, api)), by_url.states(), attempts(by_url)) == (True, 2, ["delivered"], [1])
    assert parameters_in(by_url, api) is ParametersIn.URL


@pytest.mark.parametrize("api", APIS)
def test_later_calls_carry_their_parameters_in_the_url_at_once(by_url: Pipeline, api: str) -> None:
    by_url.join("Newsletter", ADA, "grace@example.com")
    receive(by_url, api, ADA)
    by_url.deliver()
    receive(by_url, api, "grace@example.com")
    by_url.deliver()
    assert len(answers(by_url, api)) == 3
    assert by_url.states("grace@example.com") == ["delivered"]


def test_both_calls_count_in_the_ledger(by_url: Pipeline) -> None:
    by_url.receive(ACTIONS["subscribe"], ADA)
    by_url.deliver()
    assert len(queue.ledger(by_url.store, "default", "subscribe").slots) == by_url.calls("subscribe") == 2


def test_a_full_call_is_made_smaller_until_it_fits_into_a_url(by_url: Pipeline) -> None:
    people = [f"a.person.with.a.long.address.{number:03}@mail.example.com" for number in range(200)]
    by_url.join("Newsletter", *people)
    by_url.receive(ACTIONS["trigger"], *people)
    by_url.deliver()
    entered = by_url.zoho()["journeys"]["Welcome"]
    assert entered == dict.fromkeys(people, 1)
    assert {count for person in people for count in attempts(by_url, person)} == {1}
    assert "414" not in {str(call["status"]) for call in by_url.zoho()["calls"]}
    assert parameters_in(by_url, "trigger") is ParametersIn.URL


@pytest.mark.parametrize("calls", [3, 4])
def test_the_smallest_budget_has_room_for_the_second_call(outbox_url: str, calls: int) -> None:
    """Of each such limit one call is ours to leave alone, and none of the leads waits for ever."""
    with opened(outbox_url, parameters_in_url=True, trigger_calls=calls) as pipeline:
        people = [f"person{number}@example.com" for number in range(5)]
        pipeline.join("Newsletter", *people)
        pipeline.receive(ACTIONS["trigger"], *people)
        pipeline.deliver()
        assert {state for person in people for state in pipeline.states(person)} == {"delivered"}
        assert pipeline.zoho()["lockouts"] == 0


def test_a_body_that_was_accepted_once_settles_it(pipeline: Pipeline) -> None:
    pipeline.receive(ACTIONS["subscribe"], ADA)
    pipeline.deliver()
    assert parameters_in(pipeline, "subscribe") is ParametersIn.BODY
    pipeline.fault(kind="error", code="900", api="subscribe", lead="grace@example.com")
    pipeline.receive(ACTIONS["subscribe"], "grace@example.com")
    pipeline.deliver()
    assert pipeline.states("grace@example.com") == ["dead"]
    assert len(answers(pipeline, "subscribe")) == 2


def test_what_is_refused_in_the_url_as_well_is_judged_as_ever(pipeline: Pipeline) -> None:
    pipeline.fault(kind="error", code="900", api="subscribe", lead=ADA)
    pipeline.receive(ACTIONS["subscribe"], ADA)
    pipeline.deliver()
    assert answers(pipeline, "subscribe") == ["900", "900"]
    assert [(one.state.name, one.reason) for one in pipeline.deliveries()] == [("DEAD", "permanent")]
    assert parameters_in(pipeline, "subscribe") is ParametersIn.UNKNOWN


def test_a_journey_that_lacks_its_key_holds_its_lane_as_ever(pipeline: Pipeline) -> None:
    pipeline.join("Newsletter", ADA)
    pipeline.fault(kind="error", code="9007", api="trigger")
    pipeline.receive(ACTIONS["trigger"], ADA)
    pipeline.deliver()
    (api,) = [one for one in operator.status(pipeline.store).apis if one.api == "trigger"]
    assert (len(answers(pipeline, "trigger")), bool(api.lanes[0].held_reason)) == (2, True)


def test_another_refusal_is_never_asked_again(pipeline: Pipeline) -> None:
    pipeline.fault(kind="error", code="2004", api="subscribe", lead=ADA)
    pipeline.receive(ACTIONS["subscribe"], ADA)
    pipeline.deliver()
    assert answers(pipeline, "subscribe") == ["2004"]


@pytest.mark.parametrize("fault", [{"kind": "lock"}, {"kind": "status", "status": 503}, {"kind": "token"}])
def test_a_second_call_that_does_not_get_through_costs_no_attempt(by_url: Pipeline, fault: dict[str, Any]) -> None:
    by_url.fault(kind="error", code="2501", api="subscribe", count=1)
    by_url.fault(api="subscribe", count=1, **fault)
    by_url.receive(ACTIONS["subscribe"], ADA)
    by_url.deliver()
    for _ in range(3):
        by_url.clock.pass_seconds(60)
        by_url.deliver()
    assert (by_url.states(), attempts(by_url)) == (["delivered"], [1])


def test_a_lead_that_fits_into_no_url_is_given_up_and_keeps_nobody_back(by_url: Pipeline) -> None:
    by_url.receive(ACTIONS["subscribe"], ADA)
    by_url.deliver()
    by_url.receive("  - subscribe: {list: Newsletter}\n", "long@example.com", name="x" * 9_000)
    by_url.receive(ACTIONS["subscribe"], "grace@example.com")
    by_url.deliver()
    assert (by_url.states("long@example.com"), by_url.states("grace@example.com")) == (["dead"], ["delivered"])


def test_other_credentials_make_it_unknown_again(by_url: Pipeline) -> None:
    by_url.receive(ACTIONS["subscribe"], ADA)
    by_url.deliver()
    token = registry.token(by_url.store, "default")
    assert token is not None
    registry.store_token(
        by_url.store, "default", access="a", expires_at=0, generation=token.generation, fingerprint="another"
    )
    assert parameters_in(by_url, "subscribe") is ParametersIn.UNKNOWN
