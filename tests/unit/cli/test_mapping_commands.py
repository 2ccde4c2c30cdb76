"""`leadbridge check`, `test`, `map` and `hooks`: what a mapping's author sees, and what a program gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

from bridge import outbox
from bridge.cli.main import leadbridge
from bridge.cli.mappings.check import changes
from bridge.hooks.last_good import storing_once
from bridge.zoho import Journey, MailingList, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

GOOD = """\
preset: json
secrets: {token: FORM_TOKEN}
verify: {header_token: X-Token}
consent: {answer: newsletter}
lead:
  Lead Email: {answer: email}
  First Name: {answer: name}
actions:
  - subscribe: {list: Newsletter}
"""
EXAMPLES = """\
examples:
  - name: Ada signs up
    request:
      body: {email: ada@example.com, name: Ada, newsletter: yes}
    expect: {state: accepted, leadinfo: {Lead Email: ada@example.com, First Name: Ada}}
"""
BAD = GOOD.replace("answer: name", "answr: name").replace("subscribe", "subscrbe")
ADA = {"email": "ada@example.com", "name": "Ada", "newsletter": True}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of mappings, the one of the settings."""
    made = tmp_path / "mappings"
    made.mkdir()
    (made / "form.yaml").write_text(GOOD)
    (made / "form.examples.yaml").write_text(EXAMPLES)
    monkeypatch.setenv("LEADBRIDGE_MAPPINGS", str(made))
    monkeypatch.setenv("LEADBRIDGE_DATABASE_URL", f"sqlite:///{tmp_path / 'outbox.db'}")
    return made


def run(*arguments: str, given: Any = None) -> Result:
    return CliRunner().invoke(leadbridge, arguments, input=orjson.dumps(given) if given is not None else None)


def test_check_is_quiet_about_a_good_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "warning: secrets.token: the secret 'token' is not set: FORM_TOKEN is empty" in result.stdout
    monkeypatch.setenv("FORM_TOKEN", "the token")
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_check_reports_every_problem_with_its_place_and_its_fix(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    result = run("check")
    assert result.exit_code == 1
    for place, word in (("bad.yaml:7:", "'answr'"), ("bad.yaml:9:", "'subscrbe'")):
        (line,) = [line for line in result.stdout.splitlines() if place in line]
        assert word in line
    assert "did you mean" in result.stdout


def test_check_names_an_account_that_the_settings_lack_with_the_closest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORM_TOKEN", "the token")
    monkeypatch.setenv("LEADBRIDGE_ACCOUNTS", "agency,acme")
    (folder / "form.yaml").write_text(f"{GOOD}account: agencey\n")
    result = run("check")
    assert result.exit_code == 0
    (line,) = [line for line in result.stdout.splitlines() if "form.yaml:10:1: warning: account:" in line]
    assert "known: agency, acme; did you mean agency?" in line
    assert run("check", "--secrets").exit_code == 1
    (folder / "form.yaml").write_text(GOOD)
    assert "form.yaml:1:1: warning: account: there is no Zoho account 'default'" in run("check").stdout
    monkeypatch.setenv("ZOHO_DATA_CENTER", "eu")
    assert (run("check", "--secrets").exit_code, run("check").stdout) == (0, "")


def test_check_gives_the_same_problems_as_json(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    result = run("check", "--json")
    problems = orjson.loads(result.stdout)["problems"]
    assert result.exit_code == 1
    assert {problem["line"] for problem in problems if problem["file"].endswith("bad.yaml")} >= {7, 9}
    assert all(problem["code"] and problem["message"] for problem in problems)


@pytest.mark.parametrize("preset", ["jotform", "json"])
def test_a_mapping_that_names_no_variable_for_its_secret_is_an_error_everywhere(folder: Path, preset: str) -> None:
    text = GOOD.replace("preset: json", f"preset: {preset}").replace("secrets: {token: FORM_TOKEN}\n", "")
    (folder / "form.yaml").write_text(text.replace("{header_token: X-Token}", "{query_token: token}"))
    result = run("check")
    assert "add `secrets: {token: NAME}`" in result.stdout
    assert result.exit_code == 1


def test_check_says_that_names_were_not_compared(folder: Path) -> None:
    assert "`leadbridge pull` writes them" in run("check").stderr
    (folder / "account.json").write_bytes(Snapshot(taken_at=1).to_json())
    assert "`leadbridge pull` writes them" not in run("check").stderr


def test_every_pull_that_check_advises_is_of_the_mappings_own_account(folder: Path) -> None:
    actions = "actions: [{subscribe: {list: Nowhere}}, {trigger: {journey: Nowhere}}, {tag: Nowhere}]"
    text = GOOD.partition("actions:")[0] + f"account: agency\n{actions}\n"
    (folder / "form.yaml").write_text(text)
    assert "`leadbridge pull --account agency`" in run("check").stderr
    empty = Snapshot(taken_at=1, tags=())
    full = Snapshot(
        taken_at=1,
        lists=(MailingList(key="1", name="Elsewhere"),),
        journeys=(Journey(key="1", name="Elsewhere"),),
        tags=("Elsewhere",),
    )
    for snapshot in (empty, full):
        (folder / "account-agency.json").write_bytes(snapshot.to_json())
        found = orjson.loads(run("check", "--json").stdout)["problems"]
        fixes = [one["fix"] for one in found if one["code"] in ("unknown_list", "unknown_journey", "unknown_tag")]
        assert len(fixes) == 3
        assert all("`leadbridge pull --account agency`" in fix for fix in fixes), fixes


def test_check_annotates_lines_for_github(folder: Path) -> None:
    (folder / "form.yaml").write_text(BAD)
    lines = run("check", "--format", "github").stdout.splitlines()
    assert lines[0].startswith(f"::error file={folder}/form.yaml,line=")
    assert all(line.startswith(("::error ", "::warning ")) for line in lines)


def test_check_writes_sarif_with_a_rule_for_each_result(folder: Path) -> None:
    (folder / "form.yaml").write_text(BAD)
    log = orjson.loads(run("check", "--format", "sarif").stdout)
    (found,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert {one["ruleId"] for one in found["results"]} == {one["id"] for one in found["tool"]["driver"]["rules"]}
    place = found["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"{folder}/form.yaml"
    assert place["region"]["startLine"] > 0
    assert {one["level"] for one in found["results"]} <= {"error", "warning"}


def test_check_watches_for_changes(folder: Path) -> None:
    seen = changes((folder,))
    next(seen)
    (folder / "form.yaml").write_text(BAD)
    next(seen)
    (folder / "new.yaml").write_text(GOOD)
    next(seen)
    (folder / "new.yaml").unlink()
    next(seen)


def test_test_runs_the_examples_and_shows_every_difference(folder: Path) -> None:
    assert run("test").exit_code == 0
    (folder / "form.examples.yaml").write_text(EXAMPLES.replace("First Name: Ada", "First Name: Grace"))
    result = run("test")
    assert result.exit_code == 1
    assert "FAILED  form: Ada signs up" in result.stdout
    assert "Grace" in result.stdout


def test_map_shows_what_would_become_of_a_payload(folder: Path) -> None:
    result = run("map", "form", "-", "--json", given=ADA)
    assert result.exit_code == 0
    (event,) = orjson.loads(result.stdout)["events"]
    (action,) = event["actions"]
    assert (event["state"], action["leadinfo"]) == ("accepted", {"Lead Email": "ada@example.com", "First Name": "Ada"})


def test_map_ends_with_1_when_the_event_would_be_refused(folder: Path) -> None:
    result = run("map", str(folder / "form.yaml"), "-", given=ADA | {"email": "ada at example"})
    assert result.exit_code == 1
    assert "refused (bad_address)" in result.stdout


def test_hooks_reports_that_a_bad_file_runs_on_its_last_good_text(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORM_TOKEN", "the token")
    store = outbox.open_outbox(f"sqlite:///{folder.parent / 'outbox.db'}")
    store.migrate()
    storing_once(store, {"form": GOOD})()
    store.close()
    (folder / "form.yaml").write_text(BAD)
    (hook,) = orjson.loads(run("hooks", "--json").stdout)["hooks"]
    assert (hook["state"], hook["on_last_good"]) == ("live", True)
    assert "answr" in str(hook["problems"])
    assert "(json, live, running on the last good version of its mapping)" in run("hooks").output


def test_hooks_reports_the_address_to_paste_and_what_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADBRIDGE_PUBLIC_URL", "https://hooks.example.com")
    (hook,) = orjson.loads(run("hooks", "--json").stdout)["hooks"]
    assert (hook["hook"], hook["url"]) == ("form", "https://hooks.example.com/hooks/form")
    assert hook["state"] == "closed"
    assert "FORM_TOKEN" in str(hook["problems"])
    monkeypatch.setenv("FORM_TOKEN", "the token")
    shown = run("hooks")
    assert (shown.exit_code, "the token" in shown.output) == (0, False)
    assert "(json, live)" in shown.output
