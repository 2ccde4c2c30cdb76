"""A form that changed is noticed on its first event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
import structlog

from bridge import outbox
from bridge.hooks import folder as hooks
from bridge.hooks.hook import Hooks
from bridge.model import Request
from bridge.operations.alarms import alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.outbox import inbox, registry
from bridge.outbox.inbox.form_changes import MAX_QUESTIONS
from bridge.receiving.form_changes import closest
from tests.builders import take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.hooks.hook import ClosedHook, Hook
    from bridge.outbox import Outbox
    from tests.conftest import StillClock

MAPPING = """preset: tally
verify: none
consent: {not_asked: our own form}
lead:
  Lead Email: {answer: Your e-mail}
  First Name: {answer: Your name}
actions:
  - subscribe: {list: Newsletter}
"""


@pytest.fixture
def store(sqlite_url: str, clock: StillClock) -> Iterator[Outbox]:
    opened = outbox.open_outbox(sqlite_url, clock=clock)
    registry.heartbeat(opened, role="deliverer", host="here", pid=1)
    yield opened
    opened.close()
    structlog.reset_defaults()


def submit(store: Outbox, text: str, *questions: str) -> None:
    """One submission to a form that asks these questions, the first for the address."""
    presets = hooks.load_presets()
    hook = hooks.open_hook(hooks.judge(text, name="form", file="form.yaml", presets=presets), presets, lambda _: "")
    fields = [
        {
            "key": f"question_{number}",
            "label": label,
            "type": "INPUT_TEXT",
            "value": "ada@example.com" if number == 0 else "Ada",
        }
        for number, label in enumerate(questions)
    ]
    body = {
        "eventId": f"e{store.now()}",
        "eventType": "FORM_RESPONSE",
        "createdAt": "2026-11-21T09:00:00.000Z",
        "data": {"responseId": f"r{store.now()}", "formId": "f", "fields": fields},
    }
    _receive(store, hook, text, body)


def send(store: Outbox, text: str, **answers: str) -> None:
    """One body of a sender that does not list its questions."""
    presets = hooks.load_presets()
    hook = hooks.open_hook(hooks.judge(text, name="form", file="form.yaml", presets=presets), presets, lambda _: "")
    _receive(store, hook, text, {"id": f"e{store.now()}"} | answers)


def _receive(store: Outbox, hook: Hook | ClosedHook, text: str, body: object) -> None:
    request = Request(
        hook="form",
        method="POST",
        url="http://127.0.0.1/hooks/form",
        headers={"content-type": "application/json"},
        query={},
        body=orjson.dumps(body),
        received_at=store.now(),
    )
    set_id = registry.store_mapping_set(store, text.encode())
    take(request, Hooks(by_name={"form": hook}, mapping_set_id=lambda: set_id), store)


def raised(store: Outbox) -> list[str]:
    return [f"{alarm.message}. {alarm.fix}" for alarm in alarms(read_inputs(store, ())) if alarm.name == "drift"]


def test_a_renamed_question_is_reported_at_once_with_its_new_name_and_line(store: Outbox, clock: StillClock) -> None:
    submit(store, MAPPING, "Your e-mail", "Your name", "Your town")
    assert raised(store) == []
    clock.pass_ms(1_000)
    submit(store, MAPPING, "Your e-mail", "What shall we call you?", "Your town")
    (reported,) = raised(store)
    assert reported.startswith(
        "the form has no question 'Your name' any more; the form asks 'What shall we call you?'. correct form.yaml:6"
    )


def test_a_corrected_mapping_ends_it(store: Outbox, clock: StillClock) -> None:
    submit(store, MAPPING, "Your e-mail", "Name")
    assert len(raised(store)) == 1
    clock.pass_ms(1_000)
    submit(store, MAPPING.replace("Your name", "Name"), "Your e-mail", "Name")
    assert raised(store) == []


def test_a_form_that_is_put_back_ends_it(store: Outbox, clock: StillClock) -> None:
    submit(store, MAPPING, "Your e-mail", "Name")
    clock.pass_ms(180_000)
    submit(store, MAPPING, "Your e-mail", "Your name")
    assert raised(store) == []


def test_an_old_submission_that_is_repeated_after_the_correction_is_no_drift(store: Outbox) -> None:
    submit(store, MAPPING, "Your e-mail", "Your name")
    submit(store, MAPPING.replace("Your name", "Name"), "Your e-mail", "Your name")
    assert raised(store) == []


KEYED = MAPPING.replace("preset: tally", "preset: json").replace("Your e-mail", "email").replace("Your name", "name")


@pytest.mark.parametrize("source", ["answer: name", "from: body.name"])
def test_a_renamed_key_is_reported_until_it_comes_again(store: Outbox, clock: StillClock, source: str) -> None:
    keyed = KEYED.replace("answer: name", source)
    send(store, keyed, email="ada@example.com", name="Ada")
    assert raised(store) == []
    for _ in range(2):
        clock.pass_ms(180_000)
        send(store, keyed, email="ada@example.com", vorname="Ada")
        (reported,) = raised(store)
        assert reported.startswith(
            "the form has no question 'name' any more; the form asks 'vorname'. correct form.yaml"
        )
    clock.pass_ms(180_000)
    send(store, keyed, email="ada@example.com", name="Ada")
    assert raised(store) == []
    clock.pass_ms(180_000)
    send(store, keyed, email="ada@example.com", vorname="Ada")
    assert raised(store) == [], "a key that comes and goes is optional"


def test_a_key_that_is_left_out_is_no_drift(store: Outbox, clock: StillClock) -> None:
    for answers in ({"name": "Ada"}, {}, {"town": "London"}):
        send(store, KEYED, email="ada@example.com", **answers)
        clock.pass_ms(1_000)
    assert raised(store) == []


def test_a_key_that_is_an_address_is_not_stored(store: Outbox, clock: StillClock) -> None:
    send(store, KEYED, email="ada@example.com", name="Ada")
    clock.pass_ms(1_000)
    send(store, KEYED, email="ada@example.com", **{"eve@example.com": "friend"})
    assert raised(store) == []
    assert not any("@" in label for label in inbox.note_questions(store, "form", ()))


def test_keys_without_end_fill_neither_the_table_nor_the_memory(store: Outbox, clock: StillClock) -> None:
    send(store, KEYED, email="ada@example.com", **{f"{number}" + "k" * 600: "x" for number in range(20)})
    assert sorted(inbox.note_questions(store, "form", ())) == ["email", "id"]
    known = inbox.note_questions(store, "form", [f"key {number}" for number in range(5_000)])
    assert len(known) == MAX_QUESTIONS


def test_a_key_that_never_came_is_no_drift(store: Outbox, clock: StillClock) -> None:
    for answers in ({}, {"town": "London"}):
        send(store, KEYED, email="ada@example.com", **answers)
        clock.pass_ms(1_000)
    assert raised(store) == []


def test_a_new_question_is_likelier_than_one_that_reads_alike() -> None:
    known = {"Mail": 1, "Your names": 1, "Call me": 1_000}
    questions = ("Mail", "Your names", "Call me")
    assert closest("Your name", questions, ("Mail", "Your name"), known, now=2_000) == "Call me"
    assert (
        closest("Your name", questions, ("Mail", "Your name"), dict.fromkeys(questions, 1), now=2_000) == "Your names"
    )
    assert closest("Your name", ("Mail",), ("Mail", "Your name"), {"Mail": 1}, now=2_000) == ""


def test_an_optional_key_is_remembered_by_the_next_process(sqlite_url: str, clock: StillClock) -> None:
    first = outbox.open_outbox(sqlite_url, clock=clock)
    send(first, KEYED, email="ada@example.com", name="Ada")
    clock.pass_ms(1_000)
    send(first, KEYED, email="ada@example.com")
    first.close()
    clock.pass_ms(180_000)
    second = outbox.open_outbox(sqlite_url, clock=clock)
    registry.heartbeat(second, role="deliverer", host="here", pid=1)
    send(second, KEYED, email="ada@example.com", town="London")
    assert raised(second) == []
    second.close()


def test_a_drift_noted_before_a_restart_ends_when_the_key_comes_again(sqlite_url: str, clock: StillClock) -> None:
    first = outbox.open_outbox(sqlite_url, clock=clock)
    registry.heartbeat(first, role="deliverer", host="here", pid=1)
    send(first, KEYED, email="ada@example.com", name="Ada")
    clock.pass_ms(1_000)
    send(first, KEYED, email="ada@example.com", vorname="Ada")
    assert len(raised(first)) == 1
    first.close()
    second = outbox.open_outbox(sqlite_url, clock=clock)
    registry.heartbeat(second, role="deliverer", host="here", pid=1)
    for answers in ({"name": "Ada"}, {"vorname": "Ada"}):
        clock.pass_ms(180_000)
        send(second, KEYED, email="ada@example.com", **answers)
    assert raised(second) == []
    second.close()
