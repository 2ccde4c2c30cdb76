"""What a sender of ids only left out is fetched, and the event is then mapped as any form's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from bridge import outbox
from bridge.enrichment import complete
from bridge.enrichment.complete import MAX_TRIES, again_at
from bridge.enrichment.pipeline import LEASE_MS
from bridge.enrichment.request import BUDGET, WINDOW_MS
from bridge.forget import forget
from bridge.model import EventState
from bridge.outbox import fetching, operator, queue
from bridge.outbox.operator import Selector
from bridge.replay.carry_out import carry_out
from bridge.replay.plan import Options, ReplayDecision, plan
from tests.contract.enrichment.conftest import MAPPING, lead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox import Outbox
    from bridge.replay.plan import Plan
    from tests.conftest import StillClock
    from tests.contract.enrichment.conftest import FetchingHook

HOUR_MS = 3_600_000


def test_a_lead_that_came_as_an_id_is_fetched_and_becomes_deliveries(ads: FetchingHook) -> None:
    (receipt,) = ads.post("7")
    assert receipt.state is EventState.FETCHING
    ads.complete()
    (story,) = ads.stories()
    assert (story.state, story.lead, story.kind.value) == (EventState.ACCEPTED, "ada@example.com", "submission")
    assert [one.target.api for one in story.deliveries] == ["subscribe", "trigger"]
    body = orjson.loads(story.deliveries[0].body or b"")
    assert body["First Name"] == "Ada"
    assert orjson.loads(story.notes)["consent"]["value"] == "Yes"


def test_the_token_goes_to_the_listed_host_alone_and_into_nothing_that_is_kept(ads: FetchingHook) -> None:
    ads.post("7")
    ads.complete()
    (questions,) = ads.sender.questions
    parts = urlsplit(questions)
    assert parts.path == "/graph.facebook.com/v23.0/7"
    assert parse_qs(parts.query)["access_token"] == ["page-token"]
    (story,) = ads.stories()
    assert b"page-token" not in story.notes + fetching.fetched_of(ads.store, story.event_id)


def test_without_consent_in_the_fetched_answers_nothing_is_sent(ads: FetchingHook) -> None:
    ads.sender.answer("7", 200, lead(newsletter="No"))
    ads.post("7")
    ads.complete()
    assert ads.states() == [("ignored", "no_consent")]


def test_without_fetch_the_event_is_ignored_and_says_what_to_do(ads: FetchingHook) -> None:
    ads.use(MAPPING.replace("fetch: {token: META_TOKEN}\n", ""))
    ads.post("7")
    ads.complete()
    assert ads.states() == [("ignored", "reference")]
    (warning,) = orjson.loads(ads.stories()[0].notes)["warnings"]
    assert "fetch: {token: NAME}" in warning["fix"]
    assert ads.sender.questions == []


def test_an_ignored_reference_is_fetched_by_a_replay_once_the_mapping_asks_for_it(ads: FetchingHook) -> None:
    ads.use(MAPPING.replace("fetch: {token: META_TOKEN}\n", ""))
    (receipt,) = ads.post("7")
    ads.use(MAPPING)
    assert replayed(ads, receipt.event_id).decision is ReplayDecision.FETCH
    assert ads.states() == [("fetching", "")]
    ads.complete()
    assert ads.states() == [("accepted", "")]


def test_a_duplicate_of_a_waiting_event_is_reported_that_it_waits(ads: FetchingHook) -> None:
    ads.post("7")
    (receipt,) = ads.post("7")
    assert (receipt.duplicate, receipt.state) == (True, EventState.FETCHING)


def test_a_lead_that_is_gone_is_refused_at_once(ads: FetchingHook) -> None:
    ads.sender.answer("7", 404, {})
    ads.post("7")
    ads.complete()
    assert ads.states() == [("refused", "fetch_gone")]


def test_a_lead_that_meta_does_not_have_any_more_is_refused_by_the_code_in_its_answer(ads: FetchingHook) -> None:
    ads.sender.answer("7", 400, {"error": {"code": 100, "error_subcode": 33, "message": "does not exist"}})
    ads.post("7")
    ads.complete()
    assert ads.states() == [("refused", "fetch_gone")]


@pytest.mark.parametrize(("status", "content"), [(500, b""), (302, b""), (200, b"<html>"), (400, b"{}"), (429, b"")])
def test_an_answer_that_is_of_no_use_is_asked_for_again_later(ads: FetchingHook, status: int, content: bytes) -> None:
    ads.sender.answer("7", status, content, Location="http://127.0.0.1:1/")
    ads.post("7")
    ads.complete()
    assert ads.states() == [("fetching", "")]
    (warning,) = orjson.loads(ads.stories()[0].notes)["warnings"]
    assert "graph.facebook.com answered" in warning["message"]
    assert len(ads.sender.questions) == 1
    ads.sender.answer("7", 200, lead())
    ads.clock.pass_ms(29_000)
    ads.complete()
    assert len(ads.sender.questions) == 1
    ads.clock.pass_ms(1_000)
    ads.complete()
    assert ads.states() == [("accepted", "")]
    assert b"answered" not in ads.stories()[0].notes


def test_after_three_days_of_failures_an_event_is_refused_and_a_replay_fetches_it(ads: FetchingHook) -> None:
    ads.sender.answer("7", 500)
    started = ads.clock.now
    ads.post("7")
    for _ in range(MAX_TRIES + 1):
        ads.complete()
        if ads.states() != [("fetching", "")]:
            break
        ads.clock.pass_ms(4 * HOUR_MS)
    assert ads.states() == [("refused", "fetch_failed")]
    assert len(ads.sender.questions) == MAX_TRIES
    assert ads.clock.now - started > 71 * HOUR_MS
    ads.sender.answer("7", 200, lead())
    assert replayed(ads, ads.stories()[0].event_id).decision is ReplayDecision.FETCH
    ads.clock.pass_ms(4 * HOUR_MS)  # the host has just failed, and is left alone for a while
    ads.complete()
    assert ads.states() == [("accepted", "")]


def test_the_waits_between_tries_add_up_to_three_days() -> None:
    now, tries = 0, 1
    while (later := again_at(tries, now)) is not None:
        now, tries = later, tries + 1
    assert 71 * HOUR_MS < now < 73 * HOUR_MS


@pytest.mark.parametrize(
    ("status", "content"), [(401, b""), (403, b""), (400, orjson.dumps({"error": {"code": 190, "message": "expired"}}))]
)
def test_a_refused_token_pauses_the_hook_until_there_is_another(ads: FetchingHook, status: int, content: bytes) -> None:
    for one in "12345":
        ads.sender.answer(one, status, content)
    ads.post(*"12345")
    ads.complete()
    questions = len(ads.sender.questions)
    assert questions <= 2, "those that were in flight together"
    pause = fetching.fetch_pauses(ads.store)["ads"]
    assert "graph.facebook.com answered" in pause.reason
    assert "page-token" not in repr(pause)
    ads.clock.pass_ms(30_000)
    ads.complete()
    assert len(ads.sender.questions) == questions
    ads.sender.answers.clear()
    ads.token = "another-token"
    ads.complete()
    ads.clock.pass_ms(60_000)
    ads.complete()
    assert set(ads.states()) == {("accepted", "")}
    assert not fetching.fetch_pauses(ads.store)


def test_one_event_now_and_then_tries_whether_the_token_is_taken_again(ads: FetchingHook) -> None:
    for one in "12345":
        ads.sender.answer(one, 401)
    ads.post(*"12345")
    ads.complete()
    questions = len(ads.sender.questions)
    ads.clock.pass_ms(60_000)
    ads.complete()
    assert len(ads.sender.questions) == questions + 1
    ads.sender.answers.clear()
    ads.clock.pass_ms(15 * 60_000)
    ads.complete()
    assert set(ads.states()) == {("accepted", "")}


def test_one_lead_that_may_not_be_read_does_not_keep_the_others(ads: FetchingHook) -> None:
    ads.sender.answer("1", 403)
    ads.post("1")
    ads.complete()
    ads.post("2", "3")
    ads.clock.pass_ms(60_000)
    ads.complete()
    assert ads.states() == [("fetching", ""), ("accepted", ""), ("accepted", "")]


def test_while_the_token_is_not_set_events_wait_and_no_try_is_counted(ads: FetchingHook) -> None:
    ads.token = ""
    ads.post("7")
    for _ in range(3):
        ads.complete()
        ads.clock.pass_ms(100 * HOUR_MS)
    assert (ads.states(), ads.sender.questions) == ([("fetching", "")], [])
    ads.token = "page-token"
    ads.complete()
    assert ads.states() == [("accepted", "")]


def test_a_host_is_never_asked_more_than_its_budget_allows(ads: FetchingHook) -> None:
    for _ in range(BUDGET):
        use_budget(ads)
    ads.post("7")
    ads.complete()
    assert (ads.states(), ads.sender.questions) == ([("fetching", "")], [])
    ads.clock.pass_ms(WINDOW_MS + 20_001)
    ads.complete()
    assert ads.states() == [("accepted", "")]


def test_an_event_whose_process_died_is_asked_for_again_when_its_lease_is_over(ads: FetchingHook) -> None:
    ads.post("7")
    assert fetching.claim_fetches(ads.store, "ads", limit=5, lease_ms=LEASE_MS)
    ads.complete()
    assert ads.states() == [("fetching", "")]
    ads.clock.pass_ms(LEASE_MS)
    ads.complete()
    assert ads.states() == [("accepted", "")]


def test_what_comes_after_the_lease_changes_nothing(ads: FetchingHook) -> None:
    ads.post("7")
    (late,) = fetching.claim_fetches(ads.store, "ads", limit=5, lease_ms=LEASE_MS)
    ads.clock.pass_ms(LEASE_MS)
    ads.complete()
    (before,) = ads.stories()
    assert not fetching.return_fetch(ads.store, late, at=0, counts=True)
    assert ads.stories() == [before]


def test_several_completers_fetch_every_event_once(ads: FetchingHook, others: list[Outbox]) -> None:
    ids = [str(number) for number in range(1, 31)]
    ads.post(*ids)
    threads = [threading.Thread(target=ads.completer(store).run_once) for store in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(ads.states()) == {("accepted", "")}
    assert sorted(len(one.deliveries) for one in ads.stories()) == [2] * 30
    assert len(ads.sender.questions) == 30


def test_answers_too_large_are_not_read_to_their_end(ads: FetchingHook) -> None:
    ads.sender.answer("7", 200, b'"' + b"x" * 3_000_000 + b'"')
    ads.post("7")
    ads.complete()
    assert ads.states() == [("fetching", "")]
    (warning,) = orjson.loads(ads.stories()[0].notes)["warnings"]
    assert "more than 2000000 bytes" in warning["message"]


def test_a_replay_of_a_completed_event_maps_what_was_fetched_and_asks_nobody(ads: FetchingHook) -> None:
    (receipt,) = ads.post("7")
    ads.complete()
    ads.use(MAPPING.replace("{journey: Welcome}", "{journey: Other}"))
    assert replayed(ads, receipt.event_id).decision is ReplayDecision.SEND
    assert len(ads.sender.questions) == 1
    newest = max(one.replay for one in ads.stories()[0].deliveries)
    assert [one.target.journey_name for one in ads.stories()[0].deliveries if one.replay == newest] == ["", "Other"]


def test_what_was_fetched_is_forgotten_with_the_person(ads: FetchingHook) -> None:
    (receipt,) = ads.post("7")
    ads.complete()
    assert fetching.fetched_of(ads.store, receipt.event_id)
    assert forget(ads.store, "ada@example.com").left == ()
    assert not fetching.fetched_of(ads.store, receipt.event_id)


def test_waiting_events_are_found_by_their_state(ads: FetchingHook) -> None:
    ads.post("7")
    (backlog,) = fetching.fetch_backlogs(ads.store, cap=10)
    assert (backlog.hook, backlog.events, backlog.oldest_at) == ("ads", 1, ads.clock.now)
    found = [one for _, page in operator.chosen(ads.store, Selector(event_state=EventState.FETCHING)) for one in page]
    assert len(found) == 1


def replayed(ads: FetchingHook, event_id: int) -> Plan:
    (story,) = operator.find_events(ads.store, event_id=event_id)
    made = plan(story, operator.request_of(ads.store, event_id), ads.hook, ads.store, Options())
    assert carry_out(made, ads.store, mapping_set_id=1) is made.decision
    return made


def use_budget(ads: FetchingHook) -> None:
    assert queue.count_call(
        ads.store,
        account="default",
        api="fetch:graph.facebook.com",
        budget=BUDGET,
        window_ms=WINDOW_MS,
        call_ms=20_000,
        deliverer="test",
    )


@pytest.fixture
def others(outbox_url: str, clock: StillClock, ads: FetchingHook) -> Iterator[list[Outbox]]:
    """Outboxes of several processes over the same database."""
    opened = [outbox.open_outbox(outbox_url, clock=clock) for _ in range(3)]
    yield opened
    for one in opened:
        one.close()


@pytest.mark.parametrize(
    "answer",
    [
        b'{"field_data":' + b"[" * 300 + b"]" * 300 + b"}",
        b"[" * 100_000,
        b'{"a":"\\ud800"}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b"\xff\xfe{\0}\0",
        b"<html>",
        b"",
    ],
    ids=lambda answer: answer[:15],
)
def test_a_hostile_answer_of_the_sender_is_no_answer(ads: FetchingHook, answer: bytes) -> None:
    ads.sender.answer("7", 200, answer, **{"Retry-After": "Fri, 01 Jan 99999999999 00:00:00 GMT"})
    ads.post("7")
    ads.complete()
    assert ads.states() == [("fetching", "")]
    (warning,) = orjson.loads(ads.stories()[0].notes)["warnings"]
    assert "no usable JSON" in warning["message"]


def test_an_event_that_breaks_our_own_code_is_given_up_like_any_other(
    ads: FetchingHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError

    ads.post("7")
    with monkeypatch.context() as broken:
        broken.setattr(complete, "with_fetched", break_down)
        for _ in range(MAX_TRIES):
            ads.complete()
            ads.clock.pass_ms(LEASE_MS + 1)
        assert ads.states() == [("fetching", "")]
        ads.complete()
    assert ads.states() == [("refused", "fetch_failed")]
