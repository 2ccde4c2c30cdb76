"""Idempotency keys, and the view of an event."""

from __future__ import annotations

import pytest

from bridge.intake import event_as_json, idempotency_key, input_digest
from bridge.intake.idempotency import without
from bridge.model import Answer, Contact, Event, Kind

DAY_MS = 86_400_000


def _event(**parts: object) -> Event:
    return Event(item=0, kind=Kind.SUBMISSION, **parts)  # type: ignore[arg-type] # the parts are each test's own


def test_the_senders_id_is_the_key_for_ever() -> None:
    assert idempotency_key(_event(id="e1"), None) == ("id:e1", None)


def test_the_mappings_template_goes_before_the_senders_id() -> None:
    assert idempotency_key(_event(id="e1"), " 7-x ") == ("tpl:7-x", None)


@pytest.mark.parametrize("template", [None, "", "  "])
def test_without_an_id_the_digest_counts_for_a_day(template: str | None) -> None:
    key, lasts = idempotency_key(_event(body={"a": 1}), template)
    assert key.startswith("digest:")
    assert lasts == DAY_MS


def test_the_digest_does_not_see_the_order_of_keys_nor_what_is_volatile() -> None:
    first = _event(body={"a": 1, "b": {"t": 1, "c": 2}}, volatile=("body.b.t", "body.none"))
    second = _event(body={"b": {"c": 2, "t": 9}, "a": 1}, volatile=("body.b.t", "body.none"))
    assert idempotency_key(first, None) == idempotency_key(second, None)


@pytest.mark.parametrize("other", [{"body": {"a": 2}}, {"body": {"a": 1}, "type": "update"}, {"body": {"a": "1"}}])
def test_the_digest_sees_every_other_difference(other: dict[str, object]) -> None:
    assert idempotency_key(_event(body={"a": 1}), None) != idempotency_key(_event(**other), None)


def test_a_body_of_any_json_value_has_a_digest() -> None:
    keys = {idempotency_key(_event(body=body), None)[0] for body in ("\ud800", 2**80, None, [1.5], {"é": "\x00"})}
    assert len(keys) == 5


@pytest.mark.parametrize("id_", ["a\x00b", "\ud800", "x" * 300])
def test_an_id_that_a_database_would_refuse_is_kept_as_a_digest(id_: str) -> None:
    key, lasts = idempotency_key(_event(id=id_), None)
    assert key.startswith("id:digest:")
    assert lasts is None


def test_removing_what_is_volatile_leaves_the_event_as_it_was() -> None:
    body = {"a": {"b": 1, "c": 2}, "d": [1]}
    assert without(body, ["body.a.b", "body.d.x", "body.q"]) == {"a": {"c": 2}, "d": [1]}
    assert body == {"a": {"b": 1, "c": 2}, "d": [1]}


def test_headers_and_query_count_where_the_mapping_reads_them() -> None:
    first = _event(body=1, headers={"x-list": "a", "x-other": "1"}, query={"list": "a", "other": "1"})
    other = _event(body=1, headers={"x-list": "a", "x-other": "2"}, query={"list": "b", "other": "2"})

    def key(event: Event, headers: tuple[str, ...], queries: tuple[str, ...]) -> str:
        return idempotency_key(event, None, input_digest(event, headers=headers, queries=queries))[0]

    assert key(first, ("x-list",), ()) == key(other, ("x-list",), ())
    assert key(first, ("x-list",), ("list",)) != key(other, ("x-list",), ("list",))
    assert key(first, ("x-other",), ()) != key(other, ("x-other",), ())


def test_the_view_of_an_event_shows_null_where_nothing_is_known() -> None:
    answers = (
        Answer(key="q1", value=1, label="Name"),
        Answer(key="q2", value=2, label="Name"),
        Answer(key="q3", value=3),
    )
    event = _event(id="e", at=1772636400123, contact=Contact(email="ada@example.com"), answers=answers)
    assert event_as_json(event) == {
        "id": "e",
        "type": None,
        "kind": "submission",
        "at": "2026-03-04T15:00:00.123Z",
        "contact": {
            "email": "ada@example.com",
            "first_name": None,
            "last_name": None,
            "full_name": None,
            "phone": None,
            "company": None,
        },
        "answers": {"Name": 1, "q2": 2, "q3": 3},
        "tracking": {},
    }
    assert event_as_json(_event())["at"] is None
