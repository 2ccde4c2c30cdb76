"""What strangers write reaches no terminal as it is, through whatever command prints it."""

from __future__ import annotations

import ast
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import Styled, echo
from bridge.escaping import escaped, on_one_line

CLI = Path(__file__).parents[4] / "bridge" / "cli"
BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def is_obeyed(character: str) -> bool:
    """Whether a terminal would do something else than show the character."""
    return (
        unicodedata.category(character) in ("Cc", "Cs") or unicodedata.bidirectional(character) in BIDIRECTIONAL
    ) and character not in "\t\n"


@given(st.text(st.characters(), max_size=20))
def test_no_text_holds_anything_that_a_terminal_obeys(text: str) -> None:
    assert not any(map(is_obeyed, escaped(text)))
    assert not any(map(is_obeyed, on_one_line(text)))
    assert not set(on_one_line(text)) & set("\t\n")


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert escaped(text) == text


ATTACK = "\x1b]0;owned\x07\x9b31m\u202egnp.exe\x7f"


def test_every_way_to_print_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    echo(ATTACK, Styled(ATTACK, "red"))
    print_table([("a", "b"), (ATTACK, "x\ny")])
    print_json({ATTACK: [ATTACK]})
    shown = capsys.readouterr().out
    assert not any(map(is_obeyed, shown))
    assert "x\\ny" in shown
    assert json.loads(shown[shown.index("{") :]) == {ATTACK: [ATTACK]}


def test_an_unpaired_surrogate_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    echo("half \ud83d")
    print_json({"text": "half \ud83d"})
    assert capsys.readouterr().out.count("\\ud83d") == 2


@pytest.mark.parametrize(("no_color", "is_coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals_without_no_color(
    no_color: str, is_coloured: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda stream=None, color=None: color is False)
    echo(Styled("fail", "red"), " token")
    assert ("\x1b[" in capsys.readouterr().out) == is_coloured


def test_nothing_else_prints() -> None:
    """`print`, click's `echo` and `secho` are called by the terminal module alone."""
    found = []
    for path in CLI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("print", "click.echo", "click.secho", "sys.stdout.write", "click.style"):
                    found.append(path.relative_to(CLI).as_posix())
    assert set(found) == {"output/terminal.py"}
