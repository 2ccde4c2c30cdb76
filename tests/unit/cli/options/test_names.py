"""A name of what there is not is wrong usage, whatever command it is given to: the closest is named, exit code 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from bridge.cli.main import leadbridge, main
from bridge.cli.options.completion import complete_hooks, complete_mappings, complete_presets, complete_senders
from bridge.errors import UnknownNameError
from tests.unit.cli.conftest import output, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAPPING = """preset: json
verify: none
consent: {not_asked: a test}
lead: {Lead Email: contact.email}
actions: [{subscribe: {list: Newsletter}}, {tag: Customer}]
"""
COMMANDS = {
    "cancel": ["--hook=webinr", "--lane=99", "--target=Newsleter"],
    "explain": ["webinr x.json"],
    "forecast": ["--leads=1 --hook=webinr"],
    "history": ["webinr"],
    "hooks": ["webinr"],
    "list": ["--hook=webinr", "--lane=99", "--target=Newsleter", "--target=Custommer"],
    "map": ["webinr x.json"],
    "new": ["fresh --preset typefrom"],
    "presets": ["typefrom"],
    "read": ["typefrom x.json"],
    "reconcile": ["--hook=webinr", "--list=Newsleter"],
    "release": ["99", "subscrib"],
    "replay": ["--hook=webinr", "--lane=99", "--target=Newsleter"],
    "retry": ["--hook=webinr", "--lane=99", "--target=Newsleter"],
    "sample": ["typefrom"],
    "send": ["typefrom x.json"],
    "tail": ["--hook=webinr --no-follow"],
    "unregister": ["webinr"],
    "verify": ["typefrom x.json"],
}
MISTAKES = [(name, line) for name, lines in COMMANDS.items() for line in lines]
FILES_TOO = {"capture", "check", "test"}
"""Their arguments are paths, which click itself looks for, or events."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEADBRIDGE_MAPPINGS", str(tmp_path))
    monkeypatch.setenv("LEADBRIDGE_DATABASE_URL", f"sqlite:///{tmp_path}/outbox.db")
    (tmp_path / "webinar.yaml").write_text(MAPPING)
    output("migrate")
    return tmp_path


@pytest.mark.parametrize(("command", "line"), MISTAKES)
def test_an_unknown_name_is_an_error_with_the_closest_or_where_to_look(command: str, line: str) -> None:
    error = run(command, *line.split()).exception
    assert isinstance(error, UnknownNameError), error
    assert "did you mean '" in str(error) or "lists" in str(error)


def _takers() -> Iterator[tuple[str, str]]:
    context = click.Context(leadbridge)
    for name in leadbridge.list_commands(context):
        command = leadbridge.get_command(context, name)
        for parameter in command.params if command is not None else ():
            completes = getattr(parameter, "_custom_shell_complete", None)
            if completes in (complete_hooks, complete_presets, complete_senders, complete_mappings):
                yield name, parameter.human_readable_name
            elif parameter.name in ("hook", "lane", "lanes", "target", "list_name"):
                yield name, str(parameter.name)


def test_every_command_that_takes_a_name_is_in_the_table() -> None:
    takers = {name for name, _ in _takers()} - FILES_TOO - {"doctor"}  # that asks Zoho
    assert takers <= set(COMMANDS)
    assert len(takers) > 12


def test_what_the_mappings_name_is_known_before_anything_was_sent() -> None:
    for line in (["--hook", "webinar"], ["--target", "Newsletter"], ["--target", "Customer"]):
        assert "No event matches." in output("list", *line)
    assert "Nothing was delivered" in output("reconcile", "--list", "Newsletter", "--hook", "webinar")


def test_the_process_ends_with_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["leadbridge", "reconcile", "--list", "Newsleter"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "there is no list, journey or tag 'Newsleter'; did you mean 'Newsletter'?" in capsys.readouterr().err
