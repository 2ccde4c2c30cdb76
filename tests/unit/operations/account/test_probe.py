"""What is learned of an account, over real HTTP: every call counted, no harmful one made."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner, Result

from bridge import bootstrap, config, outbox
from bridge.cli.main import leadbridge
from bridge.operations.account.probe import learn
from bridge.operations.account.questions import TrialLead
from bridge.outbox import queue, registry
from bridge.sandbox import SandboxSettings, default_account, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRIAL = ("--learn", "--lead", "ada@example.com", "--list", "Newsletter", "--journey", "Welcome")


@pytest.fixture
def zoho() -> Iterator[str]:
    with running(SandboxSettings(account=default_account())) as url:
        yield url


@pytest.fixture
def folder(tmp_path: Path, zoho: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = {
        "LEADBRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'outbox.db'}",
        "ZOHO_ACCOUNTS_URL": zoho,
        "ZOHO_API_URL": zoho,
        "ZOHO_CLIENT_ID": "doctor",
        "ZOHO_CLIENT_SECRET": "hush-secret",
        "ZOHO_REFRESH_TOKEN": "hush-refresh",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(leadbridge, ["doctor", *arguments])


def state(zoho: str) -> Any:
    return requests.get(f"{zoho}/_sandbox/state", timeout=60).json()


def findings(folder: Path) -> dict[str, dict[str, Any]]:
    reported = json.loads((folder / "learned.json").read_text())["findings"]
    return {one["name"]: one for one in reported}


def test_what_an_account_answers_is_written_down(folder: Path, zoho: str) -> None:
    result = doctor(*TRIAL, "--yes", "--lead-was", "new")
    assert result.exit_code == 0, result.output
    found = findings(folder)
    assert (found["subscribe"]["http_status"], found["subscribe"]["code"]) == (200, "0")
    assert found["bad_address"]["code"] == "2004"
    assert found["unknown_list"]["code"] == "2501"
    assert found["trigger"]["result"].startswith("the test lead is in triggered_leads")
    assert found["trigger_again"]["result"].startswith("the test lead is in already_triggered")
    assert "199 ignored_leads" in found["trigger_200"]["result"]
    assert found["unknown_journey"]["code"] == "9002"
    assert (found["wrong_token"]["http_status"], found["wrong_token"]["result"]) == (401, "token")
    assert found["locked_api"]["why_not"]
    assert state(zoho)["lockouts"] == 0
    readable = (folder / "learned.md").read_text()
    assert "## With which HTTP status and code is an address refused?" in readable
    assert (folder / "learned.json").stat().st_mode & 0o777 == 0o600


def test_every_call_is_in_the_ledger_and_the_good_token_stays_in_use(folder: Path, zoho: str) -> None:
    assert doctor(*TRIAL, "--yes").exit_code == 0
    store = outbox.open_outbox(f"sqlite:///{folder / 'outbox.db'}")
    made = [call["api"] for call in state(zoho)["calls"]]
    for api in ("oauth", "lists", "journeys", "fields", "subscribe", "trigger"):
        assert len(queue.ledger(store, "default", api).slots) == made.count(api), api
    token = registry.token(store, "default")
    assert token is not None
    assert token.expires_at > store.now()
    assert token.access not in (folder / "learned.json").read_text()
    store.close()


def test_nothing_is_written_of_secrets_or_other_persons(folder: Path) -> None:
    assert doctor(*TRIAL, "--yes").exit_code == 0
    for name in ("learned.json", "learned.md"):
        text = (folder / name).read_text()
        assert "hush" not in text
        assert {part for part in text.split() if "@" in part} <= {"ada@example.com", '"ada@example.com",', "info@"}


def test_nothing_is_called_before_somebody_agrees(folder: Path, zoho: str) -> None:
    result = doctor(*TRIAL)
    assert result.exit_code == 2
    assert "add --yes" in result.output
    assert "ada@example.com is put into the list 'Newsletter' and enters the journey 'Welcome'" in result.output
    assert doctor(*TRIAL, "--dry-run").exit_code == 0
    assert state(zoho)["calls"] == []
    assert not (folder / "learned.json").exists()


def test_a_file_that_is_there_and_a_missing_lead_end_it_before_any_call(folder: Path, zoho: str) -> None:
    (folder / "learned.md").write_text("mine")
    assert "is there already" in str(doctor(*TRIAL, "--yes").exception or doctor(*TRIAL, "--yes").output)
    assert "needs a test lead" in doctor("--learn", "--yes").output
    assert state(zoho)["calls"] == []


def test_an_api_that_takes_no_call_is_reported_and_not_pressed(folder: Path, zoho: str) -> None:
    faults = [{"api": "trigger", "kind": "lock"}]
    assert requests.post(f"{zoho}/_sandbox/faults", json=faults, timeout=60).ok
    result = doctor(*TRIAL, "--yes")
    assert result.exit_code == 1
    found = findings(folder)
    assert found["trigger"]["effect"] == "lock"
    assert "takes no call now" in found["trigger_again"]["why_not"]
    assert [call["api"] for call in state(zoho)["calls"]].count("trigger") == 1


def test_a_lead_that_the_journey_ignores_is_tried_again_for_a_while(folder: Path) -> None:
    settings = config.load(config.environment(), credentials=True)
    waits: list[float] = []
    account = replace(bootstrap.open_account(settings), sleep=waits.append)
    store = outbox.open_outbox(settings.database_url)
    store.migrate()
    lead = TrialLead(address="ada@example.com", list_name="Webinar", journey_name="Welcome")
    found = {one.name: one for one in learn(account, store, lead)}
    assert waits == [10, 30, 60]
    assert found["trigger"].waited_s == 100
    assert found["trigger"].result.startswith("the test lead is in ignored_leads")
    assert "confirm" in found["subscribe"].message.lower()
    store.close()
