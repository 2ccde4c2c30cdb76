"""Actions that do not go together: each pair of them, in both orders, and what keeps them apart."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import pytest

from bridge.mapping import PresetSummary, load_mapping

if TYPE_CHECKING:
    from bridge.model import Problem

BASE: Final = "preset: json\nverify: none\nconsent: {from: body.ok}\nlead: {Lead Email: {answer: email}}\nactions:\n"
ACTIONS: Final = {
    "subscribe": "subscribe: {list: A",
    "trigger": "trigger: {list: A, journey: W",
    "unsubscribe": "unsubscribe: {list: A",
    "do_not_mail": "do_not_mail: {",
    "tag": "tag: {name: VIP",
    "untag": "untag: {name: VIP",
}
EXPECTED: Final = {
    "subscribe": {"unsubscribe": "contradiction", "do_not_mail": "contradiction"},
    "trigger": {"unsubscribe": "contradiction", "do_not_mail": "contradiction"},
    "unsubscribe": {
        "subscribe": "contradiction",
        "trigger": "contradiction",
        "tag": "tag_too_late",
        "untag": "tag_too_late",
    },
    "do_not_mail": {
        "subscribe": "contradiction",
        "trigger": "contradiction",
        "tag": "tag_too_late",
        "untag": "tag_too_late",
    },
    "tag": {"subscribe": "tag_too_early", "untag": "contradiction"},
    "untag": {"tag": "contradiction"},
}
"""What is warned of at an action of the inner name, which stands after one of the outer name."""

WHEN: Final = "when: {from: body.x, is: %s}"


def _codes(*actions: str) -> list[str]:
    text = BASE + "".join(f"  - {action}\n" for action in actions)
    return [one.code for one in _problems(text)]


def _problems(text: str) -> list[Problem]:
    summary = PresetSummary(name="json", roles=frozenset(), verified=False)
    return load_mapping(text, file="x.yaml", name="x", presets={"json": summary})[1]


def _action(name: str, more: str = "") -> str:
    text = ACTIONS[name]
    return f"{text}{', ' if more and not text.endswith('{') else ''}{more}}}"


def _expected(first: str, second: str) -> list[str]:
    code = "same_action" if first == second else EXPECTED[first].get(second)
    return [code] if code else []


@pytest.mark.parametrize(("first", "second"), list(product(ACTIONS, ACTIONS)))
def test_of_two_actions_of_one_event_the_second_is_warned_of(first: str, second: str) -> None:
    expected = _expected(first, second)
    assert _codes(_action(first), _action(second)) == expected
    assert _codes(_action(first, WHEN % "a"), _action(second)) == expected
    assert _codes(_action(first, WHEN % "a"), _action(second, WHEN % "a")) == expected
    assert _codes(_action(first, WHEN % "a"), _action(second, WHEN % "b")) == []


@pytest.mark.parametrize(("first", "second"), [("subscribe", "unsubscribe"), ("tag", "untag"), ("subscribe",) * 2])
def test_actions_on_two_lists_or_tags_go_together(first: str, second: str) -> None:
    assert _codes(_action(first), _action(second).replace("list: A", "list: B").replace("VIP", "Old")) == []


def test_a_tag_goes_before_the_end_of_what_it_needs() -> None:
    assert _codes("untag: VIP", "unsubscribe: {list: A}", "do_not_mail: true") == []


def test_who_withdraws_is_warned_of_too() -> None:
    withdraw = (
        "withdraw:\n  when: {from: body.left, agreed: true}\n  actions: [{unsubscribe: {list: A}}, {untag: VIP}]\n"
    )
    text = "preset: json\nverify: none\n" + withdraw
    (found,) = _problems(text)
    assert (found.code, found.path) == ("tag_too_late", "withdraw.actions[1].untag")
    assert found.fix == "move it above `unsubscribe` (action 1)"
