from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.errors import SettingsError
from bridge.sandbox import default_account, read_account
from bridge.sandbox.account import custom_field, journey, mail_list, standard_fields

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.model import Problem


def problems_of(path: Path, text: str) -> tuple[Problem, ...]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_account(path)
    return caught.value.problems


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.yaml"


def test_a_file_says_what_the_account_holds(path: Path) -> None:
    path.write_text(
        "lists:\n  - Customers\n  - {name: Trial, public: true, key: abc}\n"
        "journeys:\n  - {name: Hello, reentry: true, active: false, trigger_key: t1}\n"
        "fields:\n  - Shoe Size\n  - {name: Tier, type: Picklist, values: [Gold, 2]}\n"
        "do_not_mail: [ada@example.org]\n",
        encoding="utf-8",
    )
    account = read_account(path)

    assert account.lists == (mail_list("Customers"), mail_list("Trial", public=True, key="abc"))
    assert account.journeys == (journey("Hello", reentry=True, active=False, trigger_key="t1"),)
    tier = custom_field("Tier", type="Picklist", values=("Gold", "2"))
    assert account.fields == (*standard_fields(), custom_field("Shoe Size"), tier)
    assert account.do_not_mail == ("ada@example.org",)


def test_a_section_left_out_is_the_default_one(path: Path) -> None:
    path.write_text("lists: [Customers]\n", encoding="utf-8")
    account = read_account(path)
    assert account.lists == (mail_list("Customers"),)
    assert (account.journeys, account.fields) == (default_account().journeys, default_account().fields)


def test_all_problems_are_reported_at_once_each_with_its_line(path: Path) -> None:
    problems = problems_of(
        path,
        "lsts: []\n"
        "lists:\n  - Customers\n  - Customers\n  - {public: maybe}\n"
        "journeys: Hello\n"
        "fields:\n  - {name: Tier, length: true, color: red}\n"
        "do_not_mail: ada\n",
    )
    assert [(problem.line, problem.path, problem.message) for problem in problems] == [
        (1, "lsts", "'lsts' is not known at the top of the account file"),
        (4, "lists[1]", "the name 'Customers' is used twice"),
        (5, "lists[2]", "`name` is missing"),
        (5, "lists[2].public", "`public` takes true or false, not 'maybe'"),
        (6, "journeys", "`journeys` takes a list or nothing, not 'Hello'"),
        (8, "fields[0].length", "`length` takes a whole number, not 'true'"),
        (8, "fields[0].color", "'color' is not known under 'fields'"),
        (9, "do_not_mail", "`do_not_mail` takes a list or nothing, not 'ada'"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("lists: [Customers\n", 1, "opened and never closed"),
        ("lists: [A]\nlists: [B]\n", 2, "written twice"),
        ("- Customers\n", 1, "keys, of which `lists` is the first"),
    ],
)
def test_a_file_of_another_form_is_one_clear_problem(path: Path, text: str, line: int, part: str) -> None:
    (problem,) = problems_of(path, text)
    assert problem.line == line
    assert part in problem.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml' cannot be read"):
        read_account(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("tags", "fix"),
    [
        ("tags: [Customer]\n", "did you mean 'Customer'?"),
        ("tags: []\n", "add it: `tags: [Custommer]`"),
        ("", "did you mean 'Customer'?"),
    ],
)
def test_a_journey_that_starts_by_an_unknown_tag_is_reported(path: Path, tags: str, fix: str) -> None:
    (problem,) = problems_of(path, f"{tags}journeys: [{{name: Welcome, tag: Custommer}}]\n")
    assert (problem.code, problem.value, problem.path) == ("unknown_tag", "Custommer", "journeys[0].tag")
    assert problem.fix.startswith(fix)
