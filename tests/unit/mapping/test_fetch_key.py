"""`fetch:` in a mapping: a name of a variable, for senders of ids only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.mapping import PresetSummary, load_mapping
from bridge.model import Severity

if TYPE_CHECKING:
    from bridge.mapping import HookMapping
    from bridge.model import Problem

PRESETS = {
    name: PresetSummary(name=name, roles=frozenset(), verified=True, fetches=fetches)
    for name, fetches in (("ids", True), ("whole", False))
}
TEXT = """\
preset: ids
consent: {not_asked: a test}
lead: {Lead Email: {answer: email}}
actions: [{subscribe: {list: News}}]
"""


def load(more: str, text: str = TEXT) -> tuple[HookMapping | None, list[Problem]]:
    return load_mapping(text + more, file="ads.yaml", name="ads", presets=PRESETS)


def test_the_variable_of_the_token_is_known_by_its_name() -> None:
    mapping, problems = load("fetch: {token: META_TOKEN}\n")
    assert mapping is not None
    assert (mapping.fetch_token, problems) == ("META_TOKEN", [])


def test_a_sender_of_ids_only_without_fetch_is_a_warning_with_the_fix() -> None:
    mapping, (problem,) = load("")
    assert mapping is not None
    assert (problem.severity, problem.code) == (Severity.WARNING, "no_fetch")
    assert "fetch: {token: NAME}" in problem.fix


@pytest.mark.parametrize("written", ["{token: EAAB-a-token}", "EAAB-a-token", "{token: {token: EAAB-a-token}}", "{}"])
def test_a_token_in_the_place_of_its_name_is_refused_and_never_shown(written: str) -> None:
    mapping, problems = load(f"fetch: {written}\n")
    assert mapping is None
    assert "secret_value" in [problem.code for problem in problems]
    assert "EAAB" not in repr(problems)


def test_a_sender_that_reports_everything_has_nothing_to_fetch() -> None:
    mapping, problems = load("fetch: {token: TOKEN}\n", TEXT.replace("ids", "whole"))
    assert mapping is None
    assert [(problem.code, problem.line) for problem in problems] == [("no_fetch", 5)]


def test_a_fetched_event_is_one_lead() -> None:
    mapping, problems = load("fetch: {token: TOKEN}\neach: body.people\n")
    assert mapping is None
    assert "no_each" in [problem.code for problem in problems]
