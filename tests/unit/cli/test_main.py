"""The command as a whole: its help, its exit codes, and how errors end it."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from bridge.cli.main import COMMANDS, leadbridge, main


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(leadbridge, [command, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 4


def test_the_help_lists_every_command_but_the_hidden_one() -> None:
    shown = CliRunner().invoke(leadbridge, ["-h"]).output
    for command in COMMANDS:
        assert (f"\n  {command} " in shown) == (command != "part")


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
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("leadbridge: the outbox cannot be at 'mysql'")
    assert told.err.count("\n") == 1


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
