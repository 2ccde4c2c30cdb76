"""What `check` says of a mapping's examples before their form's next event comes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bridge.authoring.check import check
from bridge.model import Severity, Target
from bridge.zoho import MailingList, Snapshot, Unresolved, resolve

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


@pytest.mark.parametrize(
    ("in_zoho", "written"),
    [
        ("Newsletter", "newsletter"),
        ("Monthly  letter", "monthly letter"),
        ("Tips & news", "Tips &amp; news"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("Ada\u2019s list", "Ada's list"),
        ("Before\u2013after", "before-after"),
        ("Newsletter", "News letter"),
    ],
)
def test_check_finds_the_lists_and_tags_that_a_delivery_finds(tmp_path: Path, in_zoho: str, written: str) -> None:
    snapshot = Snapshot(
        taken_at=0, lists=(MailingList(key="L", name=in_zoho),), fields=("Lead Email",), tags=(in_zoho,)
    )
    actions = f"  - subscribe: {{list: {json.dumps(written)}}}\n  - tag: {json.dumps(written)}\n"
    file = tmp_path / "form.yaml"
    head = MAPPING.format(preset="json", address="contact.email").partition("  - subscribe")[0]
    file.write_text(head + actions, encoding="utf-8")
    missing = {one.code for one in check([file], secret=None, account=lambda _: snapshot).problems}
    for need, target in {
        "list": Target(account="default", api="subscribe", list_name=written),
        "tag": Target(account="default", api="tag", tag=written),
    }.items():
        assert isinstance(resolve(snapshot, target, {need}), Unresolved) == (f"unknown_{need}" in missing)
