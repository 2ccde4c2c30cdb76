"""What `check` says of a mapping's examples before their form's next event comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bridge.authoring.check import check
from bridge.model import Severity
from bridge.zoho import MailingList, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

MAPPING = """
preset: {preset}
verify: none
consent: {{not_asked: a test}}
lead: {{Lead Email: {address}}}
actions:
  - subscribe: {{list: Newsletter}}
"""
EXAMPLES = """
examples:
  - name: Ada
    request: {request}
    expect: {{}}
"""
TWO_BY_NAME = "{body: {Email: ada@example.com, Work email: ada@example.com}}"
ONE_BLANK = "{body: {Email: ada@example.com, Work email: ''}}"
TWO_IN_A_FORM = "{form: {your-email: ada@example.com, e-mail: ada@example.com}}"
ONE = "{body: {Email: ada@example.com, Name: Ada}}"
A_FRIEND = "{body: {Email: ada@example.com, Email of a friend: grace@example.com}}"


def _codes(folder: Path, preset: str, address: str, request: str) -> list[tuple[str, Severity]]:
    file = folder / "form.yaml"
    file.write_text(MAPPING.format(preset=preset, address=address), encoding="utf-8")
    (folder / "form.examples.yaml").write_text(EXAMPLES.format(request=request), encoding="utf-8")
    checked = check([file], secret=None, account=lambda _: None)
    return [(problem.code, problem.severity) for problem in checked.problems]


@pytest.mark.parametrize(
    ("preset", "request_text"), [("json", TWO_BY_NAME), ("json", ONE_BLANK), ("form", TWO_IN_A_FORM)]
)
def test_two_e_mail_questions_of_equal_rank_are_said_before_two_addresses_come(
    tmp_path: Path, preset: str, request_text: str
) -> None:
    assert _codes(tmp_path, preset, "contact.email", request_text) == [("ambiguous_address", Severity.WARNING)]


@pytest.mark.parametrize("request_text", [ONE, A_FRIEND])
def test_one_question_for_the_persons_own_address_is_no_warning(tmp_path: Path, request_text: str) -> None:
    assert _codes(tmp_path, "json", "contact.email", request_text) == []


def test_a_mapping_that_names_the_question_is_no_warning(tmp_path: Path) -> None:
    assert _codes(tmp_path, "json", "{answer: Work email}", TWO_BY_NAME) == []


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("tag: vip", None),
        ("tag: VIPs", "did you mean 'VIP'? (if it is new in Zoho: `leadbridge pull`); or write `create: true`"),
        ("tag: {name: Brand new, create: true}", None),
        ("untag: VIPs", "did you mean 'VIP'? (if it is new in Zoho: `leadbridge pull`)"),
    ],
)
def test_a_tag_that_the_account_lacks_is_said_with_the_closest(tmp_path: Path, line: str, fix: str | None) -> None:
    file = tmp_path / "form.yaml"
    file.write_text(MAPPING.format(preset="json", address="contact.email") + f"  - {line}\n", encoding="utf-8")
    lists = (MailingList(key="L", name="Newsletter"),)
    snapshot = Snapshot(taken_at=0, lists=lists, fields=("Lead Email",), tags=("VIP", "Customer"))
    found = [
        one for one in check([file], secret=None, account=lambda _: snapshot).problems if one.code == "unknown_tag"
    ]
    assert [problem.fix for problem in found] == ([] if fix is None else [fix])
    nothing_known = replace(snapshot, tags=None)
    problems = check([file], secret=None, account=lambda _: nothing_known).problems
    assert not [one for one in problems if one.code == "unknown_tag"]
