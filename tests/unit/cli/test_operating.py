"""The operator's commands over a real outbox: what they print, what they change, how they end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog
from click.testing import CliRunner, Result

from bridge import outbox
from bridge.cli.main import leadbridge
from bridge.hooks import folder as hooks
from bridge.model import Request
from bridge.outbox import counters, inbox, operator
from bridge.receiving.receive import Hooks, receive

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPING = """
preset: json
verify: none
consent: {not_asked: our own form}
lead:
  Lead Email: {from: body.email}
  First Name: {from: body.name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""


class Desk:
    """An installation: a mapping, an outbox, and the command line over both."""

    def __init__(self, folder: Path) -> None:
        self.mappings = folder / "mappings"
        self.mappings.mkdir()
        self.url = f"sqlite:///{folder / 'outbox.db'}"
        self.store = outbox.open_outbox(self.url)
        self.store.migrate()
        self.use(MAPPING)

    def use(self, text: str) -> None:
        (self.mappings / "form.yaml").write_text(text)

    def post(self, email: str, name: str = "Ada") -> int:
        presets = hooks.load_presets()
        (file,) = hooks.read_folder(self.mappings, presets)
        hook = hooks.open_hook(file, presets, lambda _: "")
        request = Request(
            hook="form",
            method="POST",
            url="http://127.0.0.1/hooks/form",
            headers={"content-type": "application/json"},
            query={},
            body=orjson.dumps({"email": email, "name": name}),
            received_at=self.store.now(),
        )
        served = Hooks(by_name={"form": hook}, mapping_set_id=lambda: 1)
        return receive(request, served, self.store).events[0].receipt.event_id

    def run(self, *arguments: str) -> Result:
        environment = {"LEADBRIDGE_DATABASE_URL": self.url, "LEADBRIDGE_MAPPINGS": str(self.mappings)}
        return CliRunner().invoke(leadbridge, arguments, env=environment)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return orjson.loads(result.stdout)

    def states(self, email: str) -> list[str]:
        found = operator.find_events(self.store, lead=email)
        return [one.state.name.lower() for event in found for one in event.deliveries]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()
    structlog.reset_defaults()


def test_show_starts_with_one_sentence(desk: Desk) -> None:
    desk.post("ada@example.com")
    result = desk.run("show", "ada@example.com")
    assert result.exit_code == 0
    first, *rest = result.stdout.splitlines()
    assert first == "ada@example.com: Subscribe to 'Newsletter': waits for its turn."
    assert any("dlv_1  Subscribe to 'Newsletter': pending" in line for line in rest)


def test_show_tells_who_never_came_with_near_spellings_and_what_was_rejected(desk: Desk) -> None:
    desk.post("ada@example.com")
    inbox.add_rejections(desk.store, {("form", "signature"): 3}, at=desk.store.now() + 1)
    result = desk.run("show", "adq@example.com")
    assert result.exit_code == 1
    first, *rest = result.stdout.splitlines()
    assert first.endswith("is it ada@example.com?")
    assert any("hook form: last event 0 s ago; rejected since: 3 (signature)" in line for line in rest)
    told = desk.json("show", "adq@example.com")
    assert told["near"] == ["ada@example.com"]
    assert told["hooks"][0]["rejected_since"] == {"signature": 3}


def test_list_filters_and_is_read_by_programs(desk: Desk) -> None:
    for email in ("ada@example.com", "alan@example.com"):
        desk.post(email)
    assert [one["lead"] for one in desk.json("list", "--api", "trigger")["events"]] == [
        "alan@example.com",
        "ada@example.com",
    ]
    (found,) = desk.json("list", "ada@example.com", "--state", "blocked", "--since", "1h")["events"]
    (delivery,) = found["deliveries"]
    assert (found["event"], delivery["delivery"], delivery["target"]) == ("evt_1", "dlv_2", "Welcome")
    assert "evt_2" in desk.run("list").stdout
    assert desk.run("list", "--since", "soon").exit_code == 2


def test_status_tells_what_waits_and_when_it_is_gone(desk: Desk) -> None:
    desk.post("ada@example.com")
    told = desk.json("status")
    subscribe = next(api for api in told["apis"] if api["api"] == "subscribe")
    assert (subscribe["budget"], subscribe["budget_left"]) == (475, 475)
    assert subscribe["lanes"][0]["pending"] == {"live": 1}
    assert subscribe["empty_at"] is not None
    assert "Newsletter" in desk.run("status").stdout


def test_status_marks_the_lanes_of_an_account_that_nobody_serves(desk: Desk) -> None:
    desk.post("ada@example.com")
    assert all(api["served"] for api in desk.json("status")["apis"])
    desk.use(f"account: agency\n{MAPPING}")
    desk.post("alan@example.com")
    assert [api["account"] for api in desk.json("status")["apis"] if not api["served"]] == ["agency", "agency"]
    assert "NOT SERVED: account 'agency' is not in the settings" in desk.run("status").stdout


def test_cancel_and_retry_count_first_and_change_what_they_say(desk: Desk) -> None:
    for email in ("ada@example.com", "alan@example.com"):
        desk.post(email)
    assert desk.run("cancel", "--hook", "form").exit_code == 2, "nobody is there to ask"
    assert desk.run("cancel", "--hook", "form", "--dry-run").stdout == "4 deliveries would be cancelled\n"
    assert desk.json("cancel", "ada@example.com", "--yes") == {"fit": 2, "cancelled": 2, "dry_run": False}
    assert desk.states("ada@example.com") == ["dead", "dead"]
    assert desk.states("alan@example.com") == ["pending", "blocked"]
    assert desk.run("retry", "dlv_1").stdout == "1 delivery retried\n"
    assert desk.states("ada@example.com")[0] == "pending"


def test_nothing_acts_on_everything_by_accident(desk: Desk) -> None:
    for command in ("retry", "cancel", "replay"):
        result = desk.run(command, "--yes")
        assert result.exit_code == 2
        assert "say which" in result.stderr


def test_replay_shows_the_difference_first_and_then_sends_only_that(desk: Desk) -> None:
    desk.post("ada@example.com")
    desk.use(MAPPING.replace("First Name", "Full Name"))
    shown = desk.run("replay", "evt_1", "--diff").stdout
    assert "actions[1].First Name: Ada -> (none)" in shown
    assert "actions[1].Full Name: (none) -> Ada" in shown
    assert desk.states("ada@example.com") == ["pending", "blocked"]
    assert desk.json("replay", "evt_1")["counts"] == {"send": 1}
    assert desk.states("ada@example.com") == ["dead", "dead", "pending", "blocked"]
    assert desk.json("replay", "--hook", "form", "--yes")["counts"] == {"same": 1}


def test_a_stopped_replay_goes_on_where_it_was(desk: Desk) -> None:
    for number in range(4):
        desk.post(f"lead{number}@example.com")
    desk.use(MAPPING.replace("Newsletter", "Customers"))
    asked = {"selector": {"hook": "form"}, "again": False, "journeys": False, "overtaken": False, "rate": None}
    started = counters.start_job(desk.store, "replay", asked, cursor=0, until_id=4)
    counters.advance_job(desk.store, started.job_id, cursor=2, counts={"send": 2})
    assert desk.json("replay", "--resume", str(started.job_id), "--yes")["counts"] == {"send": 4}
    assert desk.states("lead1@example.com") == ["pending", "blocked"], "it was done before, so it is left alone"
    assert desk.states("lead3@example.com") == ["dead", "dead", "pending", "blocked"]
    assert desk.run("replay", "--resume", str(started.job_id), "--yes").exception is not None


def test_what_cannot_be_replayed_is_listed(desk: Desk) -> None:
    desk.post("ada@example.com")
    desk.post("ada@example.com", name="Countess")
    desk.use(MAPPING.replace("First Name", "Full Name"))
    told = desk.json("replay", "--hook", "form", "--yes")
    assert told["counts"] == {"overtaken": 1, "send": 1}
    assert told["listed"] == [{"event": "evt_1", "fate": "overtaken", "note": "by evt_2"}]


def test_forget_erases_and_says_what_it_cannot_reach(desk: Desk) -> None:
    desk.post("ada@example.com")
    assert desk.json("forget", "ada@example.com", "--dry-run")["rows_with_the_address"]["deliveries"] == 2
    result = desk.run("forget", "Ada@Example.com", "--yes")
    assert result.exit_code == 0
    assert "A search of every row finds 0 traces of the address." in result.stdout
    assert "backups made before" in result.stdout
    assert "has made none" in result.stdout
    assert desk.run("show", "evt_1").stdout.startswith("evt_1: It was received and ignored: the person asked")


def test_forget_names_the_backups_that_may_hold_the_person(desk: Desk, tmp_path: Path) -> None:
    desk.post("ada@example.com")
    for name in ("one.db", "two.db"):
        assert desk.run("backup", str(tmp_path / name)).exit_code == 0
    (tmp_path / "two.db").unlink()
    told = desk.run("forget", "ada@example.com", "--yes").stdout
    assert f"{tmp_path / 'one.db'}, made" in told
    assert "exists and may hold the person" in told
    assert any("two.db" in line and "not visible from here" in line for line in told.splitlines())
    again = desk.json("forget", "ada@example.com", "--yes")
    assert [(one["path"], one["seen_here"]) for one in again["backups"]] == [
        (str(tmp_path / "one.db"), True),
        (str(tmp_path / "two.db"), False),
    ]


def test_purge_keeps_what_is_open(desk: Desk) -> None:
    desk.post("ada@example.com")
    desk.post("alan@example.com")
    desk.run("cancel", "dlv_3")
    told = desk.json("purge", "--before", "2099-01-01", "--yes")
    assert told["purged"]["bodies"] == 0, "a trigger that died with its subscribe waits for a decision"
    desk.run("cancel", "alan@example.com", "--state", "dead", "--yes")
    assert desk.run("purge", "--before", "2099-01-01", "--dry-run").stdout.startswith("1 body received before 2099")
    assert desk.json("purge", "--before", "2099-01-01", "--dry-run")["would_purge"] == {"bodies": 1, "requests": 0}
    assert desk.json("purge", "--before", "2099-01-01", "--yes")["purged"]["bodies"] == 1
    kept = operator.request_of(desk.store, 1)
    assert kept is not None
    assert kept.body is not None


def test_forecast_counts_the_mappings_calls_behind_what_waits(desk: Desk) -> None:
    desk.post("ada@example.com")
    told = {one["api"]: one for one in desk.json("forecast", "--hook", "form", "--leads", "950")["apis"]}
    assert told["subscribe"]["calls"] == 951
    assert 300 < told["subscribe"]["seconds"] < 310
    assert told["trigger"] == told["trigger"] | {"calls": 6, "leads": 951, "seconds": 0.0}
    assert desk.run("forecast", "--hook", "none", "--leads", "1").exception is not None


def test_list_and_show_name_the_same_things_alike(desk: Desk) -> None:
    desk.post("ada@example.com")
    (listed,), (shown,) = desk.json("list")["events"], desk.json("show", "evt_1")["events"]
    assert listed.keys() - {"deliveries"} <= shown.keys()
    assert {name: shown[name] for name in listed if name != "deliveries"} == {
        name: listed[name] for name in listed if name != "deliveries"
    }
    documented = (Path(__file__).parents[3] / "docs" / "operations.md").read_text().partition("### Results as JSON")[2]
    for key in (*listed, *listed["deliveries"][0]):
        assert f"`{key}`" in documented or key == "deliveries"
    by_id = {one["delivery"]: one for one in shown["deliveries"]}
    for delivery in listed["deliveries"]:
        assert by_id[delivery["delivery"]].items() >= delivery.items()


def test_a_release_of_nothing_ends_with_1(desk: Desk) -> None:
    for arguments in (("--all",), ("7",), ("Newsletter", "--dry-run")):
        result = desk.run("release", *arguments)
        assert (result.exit_code, result.stderr) == (1, "nothing was released; held lanes: none\n")


def test_reload_says_which_mappings_are_good(desk: Desk) -> None:
    result = desk.run("reload")
    assert (result.exit_code, result.stdout) == (
        0,
        "Every process was asked to reload. 1 mapping without errors: form\n",
    )
    desk.use(MAPPING.replace("preset: json", "preset: jsn"))
    result = desk.run("reload")
    assert result.exit_code == 1
    assert "1 mapping with errors" in result.stderr


def test_hooks_shows_one_by_its_name(desk: Desk) -> None:
    (desk.mappings / "other.yaml").write_text(MAPPING)
    assert [one["hook"] for one in desk.json("hooks")["hooks"]] == ["form", "other"]
    assert [one["hook"] for one in desk.json("hooks", "other")["hooks"]] == ["other"]
    assert "did you mean" in str(desk.run("hooks", "fomr").exception)
