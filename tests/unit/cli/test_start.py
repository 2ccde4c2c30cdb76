"""The first minutes: a folder to start in, samples of every sender, examples to copy."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bridge.authoring.shipped_examples import example_names
from bridge.hooks.presets import SHIPPED
from tests.unit.cli.conftest import output, run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that `leadbridge init` made, as the current one."""
    monkeypatch.chdir(tmp_path)
    output("init", "home")
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


def test_a_new_folder_checks_clean_and_maps_its_sample(home: Path) -> None:
    assert "1 mapping file, 0 errors, 0 warnings" in output("check", "--secrets")
    assert "0 failures" in output("test")
    assert "Lead Email: ada@example.com" in output("map", "newsletter", "mappings/submission.json")
    assert not (home / "leadbridge.db").exists()


def test_each_file_that_a_folder_lists_is_named_once(tmp_path: Path) -> None:
    folder = tmp_path / "leads"
    named = [line.split()[0] for line in run("init", str(folder)).output.split("\n\n")[0].splitlines()]
    there = {str(path) for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert sorted(named) == sorted(there)


def test_what_holds_secrets_is_private(home: Path) -> None:
    for name in ("leadbridge.env", "secrets", "secrets/NEWSLETTER_SECRET"):
        assert (home / name).stat().st_mode & 0o077 == 0, name


def test_nothing_is_overwritten(home: Path) -> None:
    (home / "leadbridge.env").write_text("mine")
    for folder in ((), (".",), (str(home),)):
        result = run("init", *folder)
        assert result.exit_code == 1
        assert "leadbridge.env is there already" in str(result.exception)
    assert (home / "leadbridge.env").read_text() == "mine"


@pytest.mark.parametrize("preset", sorted(path.stem for path in SHIPPED.glob("*.yaml")))
def test_every_senders_sample_is_printed_read_and_drafted_from(preset: str, home: Path) -> None:
    body = run("sample", preset).stdout_bytes
    (home / "body").write_bytes(body)
    assert output("read", preset, f"sample:{preset}")
    output("new", "drafted", "--preset", preset, "--from", f"sample:{preset}")
    assert "0 errors" in output("check", "mappings/drafted.yaml")
    assert "0 failures" in output("test", "mappings/drafted.yaml")


@pytest.mark.parametrize("name", example_names())
def test_every_example_is_copied_whole(name: str, home: Path) -> None:
    assert "`leadbridge hooks mine`" in output("new", "mine", "--example", name)
    assert "0 errors" in output("check", "mappings/mine.yaml")
    assert "0 failures" in output("test", "mappings/mine.yaml")


def test_a_curl_command_is_signed_and_whole(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOTFORM_TOKEN", "t0ken")
    (home / "mappings" / "jot.yaml").write_text(
        "preset: jotform\nsecrets: {token: JOTFORM_TOKEN}\nverify: {query_token: token}\nlive: false\n"
        "consent: {not_asked: a test}\nlead: {Lead Email: contact.email}\nactions: []\n"
    )
    for hook in ("newsletter", "jot"):
        shown = output("sample", hook, "--curl", "--to", "http://127.0.0.1:9/hooks/x")
        words = subprocess.run(
            ["bash", "-c", shown.replace("curl", "printf '%s\\n'", 1)], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        assert "--data-binary" in words
        assert any("typeform-signature: sha256=" in word or "token=t0ken" in word for word in words)


def test_a_sample_is_json_where_the_sender_sends_json() -> None:
    assert json.loads(output("sample", "typeform"))["event_type"] == "form_response"


def test_a_program_s_own_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bridge").mkdir()
    (tmp_path / "bridge" / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    result = run("init", "bridge")
    assert result.exit_code == 1
    assert "name another folder" in str(result.exception)
    assert [path.name for path in (tmp_path / "bridge").iterdir()] == ["__init__.py"]
