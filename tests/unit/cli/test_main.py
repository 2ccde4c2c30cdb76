"""The command as a whole: its help, its exit codes, and how errors end it."""

from __future__ import annotations

import importlib
import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from bridge.cli.command import Command
from bridge.cli.commands import GROUPS, HIDDEN, module_of
from bridge.cli.main import leadbridge, main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = {name: line for group in GROUPS for name, line in group.commands.items()}


def loaded(name: str) -> Command:
    command = importlib.import_module(module_of(name)).command
    assert isinstance(command, Command)
    return command


@pytest.mark.parametrize("name", sorted(LINES))
def test_the_tables_line_is_the_first_of_the_commands_own_help(name: str) -> None:
    assert (loaded(name).help or "").split("\n\n")[0] == LINES[name]


@pytest.mark.parametrize("name", sorted(LINES))
def test_every_command_explains_itself_within_80_columns(name: str) -> None:
    result = CliRunner().invoke(leadbridge, [name, "--help"], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    prose = result.output.partition("\nExamples:\n")[0]
    assert [line for line in prose.splitlines() if len(line) > 80] == []
    assert "\\b" not in prose


def test_the_help_has_every_command_but_the_hidden_ones_on_a_whole_line() -> None:
    # CliRunner would take the whole width; on a terminal, click leaves two columns of it blank
    command, at_80 = [sys.executable, "-m", "bridge", "-h"], os.environ | {"COLUMNS": "80"}
    shown = subprocess.run(command, env=at_80, capture_output=True, text=True, check=True).stdout.splitlines()
    for name, line in LINES.items():
        assert [row for row in shown if row.split() == [name, *line.split()]], name
    assert [group.heading for group in GROUPS] == [
        row.removesuffix(":") for row in shown if row.endswith(":") and row != "Options:"
    ]
    assert not any(row.split()[:1] == [name] for row in shown for name in HIDDEN)


def test_help_and_completion_import_no_command() -> None:
    program = (
        "import sys; from bridge.cli.main import leadbridge; leadbridge(['--help'], standalone_mode=False);"
        "print(*sorted(name for name in sys.modules if name.startswith('bridge.')), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    allowed = {"bridge.errors", "bridge.escaping", "bridge.cli", "bridge.cli.main", "bridge.cli.commands"}
    assert set(ended.stderr.split()) <= allowed | {"bridge.cli.output", "bridge.cli.output.terminal"}


@pytest.mark.parametrize(
    ("module", "needless"),
    [
        ("bridge.cli.service.processes", {"bridge.documents", "bridge.intake", "bridge.mapping", "bridge.http"}),
        ("bridge.cli.inspection.list", {"bridge.documents", "bridge.intake", "bridge.mapping", "bridge.http"}),
        ("bridge.cli.inspection.status", {"bridge.http", "flask"}),
        ("bridge.web", {"bridge.http", "requests"}),
        ("bridge.console", {"bridge.http", "requests"}),
        ("bridge.cli.service.deliverer_part", {"flask", "gunicorn"}),
    ],
)
def test_a_process_imports_nothing_it_has_no_use_for(module: str, needless: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert needless & set(ended.stdout.split()) == set()


def examples() -> Iterator[tuple[str, str]]:
    for name in LINES:
        for example in loaded(name).examples:
            yield name, example


def test_every_command_has_an_example() -> None:
    assert {name for name, _ in examples()} == set(LINES)


@pytest.mark.parametrize(("name", "example"), [pytest.param(*one, id=one[1]) for one in examples()])
def test_every_example_is_a_use_of_its_command(name: str, example: str) -> None:
    words = shlex.split(example)
    assert words[:2] == ["leadbridge", name]
    parser = loaded(name).make_parser(click.Context(loaded(name)))
    parser.parse_args(list(words[2:]))


@pytest.mark.parametrize(("typed", "meant"), [("shw", "show"), ("retyr", "retry"), ("mappings", "map")])
def test_a_misspelt_command_is_answered_with_the_closest(typed: str, meant: str) -> None:
    result = CliRunner().invoke(leadbridge, [typed])
    assert result.exit_code == 2
    assert meant in result.stderr.rpartition("ean")[2]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["leadbridge", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_wrong_use_ends_with_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "nonsense") == 2
    assert run(monkeypatch, "serve", "--nonsense") == 2
    assert capsys.readouterr().out == ""


def test_an_error_ends_with_1_and_one_line_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEADBRIDGE_DATABASE_URL", "mysql://example.com/leads")
    assert run(monkeypatch, "status") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("leadbridge: LEADBRIDGE_DATABASE_URL is 'mysql:...'")
    assert shown.err.count("\n") == 1


def test_wrong_settings_end_with_1_and_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEADBRIDGE_WORKERS", "0")
    monkeypatch.setenv("LEADBRIDGE_BIND", "nowhere")
    assert run(monkeypatch, "receive") == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" is ")[0] for line in lines] == [
        "leadbridge: LEADBRIDGE_WORKERS",
        "leadbridge: LEADBRIDGE_BIND",
    ]


@pytest.mark.parametrize("long", ["evt_" + "x" * 5_000, "sample:" + "x" * 5_000])
@pytest.mark.parametrize(
    "line", ["read {} -", "map {} -", "explain {} -", "verify {} -", "send {} -", "presets {}", "sample {}", "new {}"]
)
def test_a_name_that_no_file_can_have_ends_with_one_line(
    line: str, long: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADBRIDGE_MAPPINGS", str(tmp_path))
    for given in {long, long.removeprefix("sample:")}:
        assert run(monkeypatch, *line.format(given).split()) in (1, 2)
        shown = capsys.readouterr().err
        assert shown.count("\n") <= 5
        assert "Traceback" not in shown


def test_an_error_that_no_file_caused_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError("ours")

    monkeypatch.setattr(leadbridge, "main", fail)
    with pytest.raises(OSError, match="ours"):
        main()
