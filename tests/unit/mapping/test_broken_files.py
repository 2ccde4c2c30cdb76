"""What is said of broken files: `broken/NN-name.yaml` next to `NN-name.txt` with the exact text.

Whoever changes a message changes the text next to the file, and reads it as someone who never saw the tool:
`UPDATE_BROKEN=1 pytest tests/unit/mapping/test_broken_files.py` writes the texts again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bridge.authoring.check import Checked, check, read_snapshot
from bridge.cli.output.text import print_problem
from bridge.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent / "broken"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def checked() -> Checked:
    """All files, held against the account next to them; every secret is set."""
    snapshot = read_snapshot(FOLDER / "account.json")
    return check(FILES, secret=lambda _: "set", account=lambda _: snapshot)


def report_of(path: Path, checked: Checked, capsys: pytest.CaptureFixture[str]) -> str:
    for problem in checked.problems:
        if problem.file == str(path) and problem.code != "no_examples":
            print_problem(problem)
    return capsys.readouterr().out.replace(f"{FOLDER}/", "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_file_is_reported_in_these_words(
    path: Path, checked: Checked, capsys: pytest.CaptureFixture[str]
) -> None:
    reported = report_of(path, checked, capsys)
    expected = path.with_suffix(".txt")
    if os.environ.get("UPDATE_BROKEN"):
        expected.write_text(reported)
    assert reported == expected.read_text()


def test_every_problem_has_its_place_and_a_fix_and_none_holds_the_secret(checked: Checked) -> None:
    assert len(FILES) >= 20
    for problem in checked.problems:
        assert problem.file
        assert problem.fix, problem
        assert problem.line or problem.code == "no_examples"
        assert "92kks" not in str(problem.as_json())
    bad = {problem.file for problem in checked.problems if problem.severity is Severity.ERROR}
    assert {str(path) for path in FILES} - bad == {str(FOLDER / "18-public-list-triggered-at-once.yaml")}


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)


def test_files_that_nothing_reads_are_reported(tmp_path: Path) -> None:
    good = "preset: json\nverify: none\nconsent: {not_asked: a test}\nlead: {Lead Email: contact.email}\n"
    good += "actions: [{subscribe: {list: A}}]\n"
    examples = "examples:\n  - {name: a, request: {file: ada.json}, expect: {state: accepted}}\n"
    files = {
        "good.yaml": good,
        "good.examples.yaml": examples,
        "ada.json": "{}",
        "README.md": "",
        "account.json": "{}",
        "gone.examples.yaml": examples,
        "other.yml": good,
        "good.yaml.bak": good,
        "lost.json": "{}",
    }
    write(tmp_path, **files)
    (tmp_path / "more").mkdir()
    write(tmp_path / "more", **{"deep.yaml": good})
    checked = check([tmp_path], secret=None, account=lambda _: None)
    strays = {Path(problem.file).name: problem.fix for problem in checked.problems if problem.code == "stray_file"}
    assert set(strays) == {"gone.examples.yaml", "other.yml", "good.yaml.bak", "lost.json", "more"}
    assert strays["other.yml"] == "rename it to other.yaml if it is a mapping"
    assert checked.errors == 0


@pytest.mark.parametrize("needed", [False, True])
def test_an_unset_secret_is_reported_at_its_line(tmp_path: Path, needed: bool, unset: Callable[[str], str]) -> None:
    path = tmp_path / "form.yaml"
    path.write_text("preset: typeform\nsecrets:\n  signing: FORM_SECRET\n")
    checked = check([path], secret=unset, secrets_are_needed=needed, account=lambda _: None)
    (problem,) = (problem for problem in checked.problems if problem.code == "unset_secret")
    assert (problem.line, problem.column, problem.path) == (3, 3, "secrets.signing")
    assert problem.severity is (Severity.ERROR if needed else Severity.WARNING)


@pytest.fixture
def unset() -> Callable[[str], str]:
    return lambda _: ""
