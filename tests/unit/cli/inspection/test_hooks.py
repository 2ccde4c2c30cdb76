"""`leadbridge hooks` and `new`: what to paste at a sender, and which secrets are still to be set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.authoring.draft import draft
from bridge.hooks.folder import load_presets
from bridge.mapping.secrets import suggested_name
from tests.unit.cli.conftest import output, run

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.intake import Preset


@pytest.fixture
def mappings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a fresh installation."""
    monkeypatch.chdir(tmp_path)
    output("init")
    (tmp_path / "mappings" / "newsletter.yaml").unlink()
    return tmp_path / "mappings"


def test_the_address_in_each_senders_steps_is_whole(mappings: Path) -> None:
    presets = load_presets(mappings)
    for preset in presets.values():
        (mappings / f"{preset.name}.yaml").write_text(draft(preset, name=preset.name))
        for role in _roles(preset):
            (mappings.parent / "secrets" / suggested_name(preset.name, role.upper())).write_text("s3cret")
    shown = output("hooks", "--reveal").split("\n\n")
    with_token = [text for text in shown if "URL" in text and "?token=s3cret" in text]
    assert len(with_token) >= 10
    for text in with_token:
        assert "YOUR-SECRET" not in text
        assert "?token=s3cret?" not in text
    assert "{url}" not in "".join(shown)


def _roles(preset: Preset) -> set[str]:
    """The secrets that a draft of this preset names."""
    if preset.verify is not None:
        return set(preset.roles)
    return {"token", "password"}


def test_a_local_address_is_marked_as_such(mappings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output("new", "signup", "--preset", "tally")
    assert "LEADBRIDGE_PUBLIC_URL" in run("hooks").stderr
    monkeypatch.setenv("LEADBRIDGE_PUBLIC_URL", "https://hooks.example.com")
    assert "LEADBRIDGE_PUBLIC_URL" not in run("hooks").stderr


def test_every_secret_that_is_not_set_is_named(mappings: Path) -> None:
    drafted = output("new", "ads", "--preset", "meta-lead-ads")
    names = ("ADS_SIGNING", "ADS_VERIFY_TOKEN", "ADS_ACCESS_TOKEN")
    assert [name for name in names if f"Secret {name}: put it into the file" not in drafted] == []
    (mappings.parent / "secrets" / "ADS_SIGNING").write_text("s3cret")
    shown = output("hooks", "ads")
    assert "ads  (meta-lead-ads, draft)" in shown
    assert [name for name in names[1:] if f"there is no file secrets/{name}" not in shown] == []


def test_steps_stay_as_written_where_the_token_is_no_part_of_the_address(mappings: Path) -> None:
    output("new", "form", "--preset", "fillout")
    assert "http://127.0.0.1:8080/hooks/form?token=YOUR-SECRET" in output("hooks", "form")


def test_the_same_submission_is_added_once_to_the_examples(mappings: Path) -> None:
    for _ in range(2):
        shown = output("new", "signup", "--from", "sample:typeform")
    assert "this request is there already as the example 'The first submission'" in shown
    assert (mappings / "signup.examples.yaml").read_text().count("name: The first submission") == 1


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_mapping_is_named_by_its_hook(mappings: Path, command: str) -> None:
    for name in ("one", "two"):
        output("new", name, "--from", "sample:typeform")
    assert "1 mapping file" in run(command, "two").stderr
    assert "does not exist" in run(command, "three").stderr
