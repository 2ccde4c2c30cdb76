"""`leadbridge history`: every text that a mapping ever had, what changed, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result

from bridge import outbox
from bridge.cli.main import leadbridge
from bridge.hooks.last_good import storing_once

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "preset: json\nlive: false\n"
SECOND = "preset: json\nlive: true\n"


class Folder:
    """A folder of mappings and an outbox in which three sets of them were used."""

    def __init__(self, folder: Path) -> None:
        self.mappings, self.url = folder / "mappings", f"sqlite:///{folder / 'outbox.db'}"
        self.mappings.mkdir()
        store = outbox.open_outbox(self.url)
        store.migrate()
        for texts in ({"form": FIRST}, {"form": FIRST, "other": FIRST}, {"form": SECOND}):
            storing_once(store, texts)()
        store.close()
        self.file = self.mappings / "form.yaml"
        self.file.write_text(SECOND)

    def run(self, *arguments: str) -> Result:
        environment = {"LEADBRIDGE_DATABASE_URL": self.url, "LEADBRIDGE_MAPPINGS": str(self.mappings)}
        return CliRunner().invoke(leadbridge, ("history", *arguments), env=environment)

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = orjson.loads(self.run(*arguments, "--json").stdout)["versions"]
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_every_version_is_listed_with_what_it_changed(folder: Folder) -> None:
    names = ("number", "is_active", "added", "changed", "removed")
    assert [tuple(one[name] for name in names) for one in folder.listed()] == [
        (1, False, ["form"], [], []),
        (2, False, ["other"], [], []),
        (3, True, [], ["form"], ["other"]),
    ]
    assert [one["number"] for one in folder.listed("form")] == [1, 3]
    assert "~form -other" in folder.run().stdout


def test_any_text_is_shown_and_compared_with_the_file_of_now(folder: Folder) -> None:
    assert folder.run("form", "--text", "1").stdout == FIRST
    assert folder.run("form", "--diff", "3").stdout == ""
    difference = folder.run("form", "--diff", "1").stdout.splitlines()
    assert difference[:2] == ["--- form.yaml (version 1)", "+++ form.yaml"]
    assert {"-live: false", "+live: true"} <= set(difference)
    assert "-live: false" in folder.run("--diff", "2").stdout


def test_a_version_is_restored_into_the_files(folder: Folder) -> None:
    assert folder.run("form", "--restore", "1").exit_code == 2, "nobody was there to say yes"
    assert folder.file.read_text() == SECOND
    assert folder.run("form", "--restore", "1", "--yes").exit_code == 0
    assert folder.file.read_text() == FIRST
    (folder.mappings / "third.yaml").write_text(FIRST)
    result = folder.run("--restore", "2", "--yes")
    assert "third.yaml" in result.stderr
    assert (folder.mappings / "other.yaml").read_text() == FIRST
    assert "as version 2" in folder.run("--restore", "2").stdout


@pytest.mark.parametrize("arguments", [("--text", "9"), ("nobody", "--text", "1")])
def test_what_is_not_there_is_named_with_what_is(folder: Folder, arguments: tuple[str, ...]) -> None:
    result = folder.run(*arguments)
    assert result.exception is not None
    assert "1" in str(result.exception)
