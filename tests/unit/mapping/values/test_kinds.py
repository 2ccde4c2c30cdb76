"""A kind that does not exist is reported wherever a mapping compares kinds; one that the preset never gives, too."""

from __future__ import annotations

import pytest

from bridge.hooks.folder import judge, load_presets
from bridge.model import Kind, Problem, Severity

PRESETS = load_presets()
REST = """consent: {answer: x}
lead: {Lead Email: contact.email}
"""
PLACES = [
    "when: CONDITION",
    "when: [{from: type, is: x}, {any: [{from: type, is: y}, CONDITION]}]",
    "withdraw: {when: CONDITION, actions: [{untag: VIP}]}",
    "withdraw: {when: {from: type, is: x}, actions: [{untag: {name: VIP, when: CONDITION}}]}",
    "lead: {Lead Email: contact.email, Phone: {answer: Phone, when: CONDITION}}",
    "consent: CONDITION",
    REST + "actions: [{subscribe: {list: News, when: CONDITION}}]",
    REST + "actions: [{subscribe: {list: {answer: x, when: CONDITION}}}]",
    REST + "actions: [{do_not_mail: {when: CONDITION}}]",
]
WRONG = [
    ("{from: kind, is: unsubscribed}", "unsubscribe"),
    ("{from: kind, is_not: Deleted}", "deletion"),
    ("{from: kind, in: [submission, updates]}", "update"),
    ("{from: kind, contains: unsubscribed}", "unsubscribe"),
    ("{from: \"kind == 'cancelled'\", is: true}", "cancellation"),
]


def problems(text: str, preset: str = "standard-webhooks") -> list[Problem]:
    head = f"preset: {preset}\nverify: none\n"
    return list(judge(head + text + "\n", name="form", file="form.yaml", presets=PRESETS).problems)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("condition", "meant"), WRONG)
def test_a_kind_that_does_not_exist_is_an_error_with_the_closest(place: str, condition: str, meant: str) -> None:
    found = [one for one in problems(place.replace("CONDITION", condition)) if one.code == "unknown_kind"]
    assert [(one.severity, one.fix) for one in found] == [(Severity.ERROR, f"did you mean {meant!r}?")]


def test_a_kind_in_a_lookup_is_held_to_the_same_rule() -> None:
    text = "lead: {Lead Email: contact.email, State: {from: kind, lookup: {unsubscribed: gone, update: new}}}"
    found = [one for one in problems(text) if one.code == "unknown_kind"]
    assert [(one.value, one.fix) for one in found] == [("unsubscribed", "did you mean 'unsubscribe'?")]


@pytest.mark.parametrize(
    "condition",
    [
        "{from: kind, in: [Unsubscribe, deletion]}",
        "{from: kind, contains: unsub}",
        "{from: type, is: unsubscribed}",
        "{from: body.kind, is: unsubscribed}",
        "{from: \"body.items[?kind == 'unsubscribed'] | [0].id\", present: true}",
    ],
)
def test_what_is_a_kind_or_compares_none_is_left_alone(condition: str) -> None:
    text = f"withdraw: {{when: {condition}, actions: [{{untag: VIP}}]}}"
    assert [one for one in problems(text) if "kind" in one.code] == []


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_kind_that_the_preset_never_gives_is_a_warning(preset: str) -> None:
    given = PRESETS[preset].recipe.all_kinds
    for kind in Kind:
        for text in (f"when: {{from: kind, is: {kind}}}", f"accept: [{kind}]"):
            found = [one for one in problems(text, preset) if one.code == "kind_never_given"]
            assert [one.severity for one in found] == ([] if kind in given else [Severity.WARNING]), text
