"""The stage against the sandbox, which was written from Zoho's pages and shares no code with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from bridge import sandbox, zoho
from bridge.errors import TokenError
from bridge.http import Http
from bridge.model import ClaimedDelivery, Effect, OnDoubt, OutcomeStatus, Priority, Response, Target
from bridge.sandbox import LockAnswer, SandboxSettings
from bridge.zoho import APIS, Envelope, Keys, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBSCRIBE = Target(api="subscribe", list_name="newsletter")
TRIGGER = Target(api="trigger", list_name="Newsletter", journey_name="Welcome")


class _Account:
    """An account in the sandbox, with a token and a snapshot as a deliverer has them."""

    def __init__(self, http: Http, url: str) -> None:
        self.http = http
        self.url = url
        self.token = zoho.refresh(http, url, client_id="id", client_secret="secret", refresh_token="refresh").token

    def ask(self, api: str, form: dict[str, str], path_keys: dict[str, str] | None = None) -> Envelope:
        return zoho.send(
            self.http,
            APIS[api],
            api_url=self.url,
            token=self.token,
            form=form,
            path_keys=path_keys,
            deadline_seconds=60,
        )

    def snapshot(self) -> Snapshot:
        return zoho.take(self.ask, 0)

    def deliver(self, target: Target, *deliveries: ClaimedDelivery, keys: Keys | None = None) -> Response:
        found = keys or zoho.resolve(self.snapshot(), target, zoho.APIS[target.api].needs)
        assert isinstance(found, Keys), found
        api = APIS[target.api]
        envelope = self.ask(api.name, api.form(found, deliveries), {"journey_key": found.journey_key})
        return api.read(envelope, deliveries)


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as opened:
        yield opened


@pytest.fixture
def account(http: Http) -> Iterator[_Account]:
    with sandbox.running(SandboxSettings()) as url:
        yield _Account(http, url)
        http.close()


def _delivery(lead: str, **fields: str) -> ClaimedDelivery:
    body = {"Lead Email": lead, **fields} if fields else {"lead_email": lead}
    return ClaimedDelivery(
        id=1,
        event_id=1,
        lead=lead,
        body=orjson.dumps(body),
        priority=Priority.LIVE,
        on_doubt=OnDoubt.RESEND,
        attempts=1,
        ignored_count=0,
        cohort=None,
        received_at=0,
        first_try_at=0,
    )


def _results(response: Response) -> list[str]:
    return [outcome.result for outcome in response.outcomes]


@pytest.mark.parametrize("doc_fields", [False, True])
def test_the_account_is_read(http: Http, doc_fields: bool) -> None:
    with sandbox.running(SandboxSettings(doc_fields=doc_fields)) as url:
        taken = _Account(http, url).snapshot()
        http.close()
    assert [(one.name, one.is_public) for one in taken.lists] == [("Newsletter", False), ("Webinar", True)]
    assert {journey.name for journey in taken.journeys} == {"Welcome", "Reminder"}
    assert all(journey.trigger_key for journey in taken.journeys)
    assert {"lead Email", "First Name", "Plan"} <= set(taken.fields)


def test_a_lead_is_subscribed_and_then_triggered_and_then_known(account: _Account) -> None:
    subscribed = account.deliver(SUBSCRIBE, _delivery("ada@example.com", **{"First Name": 'Ada "é", {x}: & + 🙂'}))
    assert (subscribed.effect, _results(subscribed)) == (Effect.NONE, ["subscribed"])
    pair = (_delivery("ada@example.com"), _delivery("blaise@example.com"))
    assert _results(account.deliver(TRIGGER, *pair)) == ["triggered", "ignored"]
    assert _results(account.deliver(TRIGGER, *pair)) == ["already_triggered", "ignored"]


def test_a_public_list_asks_for_a_confirmation_first(account: _Account) -> None:
    target = Target(api="subscribe", list_name="Webinar")
    assert _results(account.deliver(target, _delivery("ada@example.com", Plan="Pro"))) == ["confirmation_sent"]
    trigger = Target(api="trigger", list_name="Webinar", journey_name="Welcome")
    assert account.deliver(trigger, _delivery("ada@example.com")).outcomes[0].status is OutcomeStatus.IGNORED


def test_two_hundred_leads_go_in_one_call(account: _Account) -> None:
    response = account.deliver(TRIGGER, *(_delivery(f"lead{number}@example.com") for number in range(200)))
    assert _results(response) == ["ignored"] * 200


def test_a_wrong_key_holds_the_lane_and_a_wrong_address_refuses_its_lead(account: _Account) -> None:
    wrong_list = account.deliver(SUBSCRIBE, _delivery("ada@example.com", Plan="Pro"), keys=Keys(list_key="nonsense"))
    assert (wrong_list.effect, wrong_list.outcomes[0].status) == (Effect.HOLD, OutcomeStatus.UNSENT)
    found = zoho.resolve(account.snapshot(), TRIGGER, zoho.APIS["trigger"].needs)
    assert isinstance(found, Keys)
    keys = Keys(list_key=found.list_key, journey_key="nonsense", trigger_key=found.trigger_key)
    assert account.deliver(TRIGGER, _delivery("ada@example.com"), keys=keys).effect is Effect.HOLD
    wrong_lead = account.deliver(SUBSCRIBE, _delivery("no address", Plan="Pro"))
    assert (wrong_lead.effect, wrong_lead.outcomes[0].status) == (Effect.NONE, OutcomeStatus.REFUSED)


def test_a_bad_token_is_reported_from_a_missing_scope(http: Http) -> None:
    with sandbox.running(SandboxSettings(scopes=("ZohoMarketingAutomation.lead.ALL",))) as url:
        account = _Account(http, url)
        keys = Keys(list_key="L", journey_key="J", trigger_key="T")
        assert account.deliver(TRIGGER, _delivery("ada@example.com"), keys=keys).effect is Effect.HOLD
        account.token = "1000.nonsense"
        assert account.deliver(TRIGGER, _delivery("ada@example.com"), keys=keys).effect is Effect.TOKEN
        http.close()


@pytest.mark.parametrize("answer", list(LockAnswer))
def test_a_lock_is_seen_in_each_of_its_forms(http: Http, answer: LockAnswer) -> None:
    with sandbox.running(SandboxSettings(subscribe_calls=1, lock_answer=answer)) as url:
        account = _Account(http, url)
        responses = [account.deliver(SUBSCRIBE, _delivery("ada@example.com", Plan="Pro")) for _ in range(2)]
        http.close()
    assert [response.effect for response in responses] == [Effect.NONE, Effect.LOCK]


def test_too_many_tokens_and_a_wrong_secret_are_distinguished(http: Http) -> None:
    with sandbox.running(SandboxSettings(tokens_per_window=1, client_secret="secret")) as url:
        _Account(http, url)
        with pytest.raises(TokenError) as too_many:
            _Account(http, url)
        http.close()
    with sandbox.running(SandboxSettings(client_secret="another")) as url:
        with pytest.raises(TokenError) as wrong:
            _Account(http, url)
        http.close()
    assert (too_many.value.permanent, wrong.value.permanent) == (False, True)
