"""What the totals show of each hour."""

from __future__ import annotations

from bridge.operations.alarms.inputs import hours_by_hook
from bridge.outbox.counters import Mark


def mark(hour: int, value: int) -> Mark:
    return Mark(hour=hour, value=value, seen_at=hour * 3_600_000)


def labels(hook: str, state: str) -> tuple[tuple[str, str], ...]:
    return (("hook", hook), ("state", state))


def test_an_hour_is_what_a_total_grew_by() -> None:
    marks = {labels("form", "accepted"): (mark(10, 5), mark(11, 8), mark(13, 8))}
    assert hours_by_hook(marks, {("form", "accepted"): 9}) == {"form": {10: {"accepted": 3}, 13: {"accepted": 1}}}


def test_a_hook_that_is_new_since_the_last_mark_counts_for_its_hour() -> None:
    marks = {labels("form", "accepted"): (mark(10, 5),)}
    totals = {("form", "accepted"): 5, ("new", "refused"): 2}
    assert hours_by_hook(marks, totals) == {"new": {10: {"refused": 2}}}


def test_without_any_mark_nothing_is_known() -> None:
    assert hours_by_hook({}, {("form", "accepted"): 9}) == {}


def test_what_a_total_was_at_its_first_mark_came_since_the_look_before() -> None:
    marks = {labels("form", "accepted"): (mark(11, 30),)}
    assert hours_by_hook(marks, {("form", "accepted"): 31}, looks=[10, 11]) == {
        "form": {10: {"accepted": 30}, 11: {"accepted": 1}}
    }


def test_what_came_since_a_look_at_nothing_is_known() -> None:
    assert hours_by_hook({}, {("form", "accepted"): 9}, looks=[10]) == {"form": {10: {"accepted": 9}}}
