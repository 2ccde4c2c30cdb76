"""The operator's commands over a real outbox: what they print, what they change, how they end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog
from click.testing import CliRunner, Result

from bridge import outbox
from bridge.cli.main import leadbridge
from bridge.log import pseudonym
from bridge.model import Alarm, AlarmSeverity, DeliveryState, SideEffect
from bridge.operations import acts
from bridge.outbox import inbox, operator, queue, registry
from bridge.outbox.acts import Actor, audit_lines, newest_jobs, settle_items
from bridge.outbox.operator import Selector
from tests.builders import HookDriver, OutboxDriver

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


class Installation:
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
        form = HookDriver(self.store, (self.mappings / "form.yaml").read_text())
        return form.receive({"email": email, "name": name}).events[0].receipt.event_id

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
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.store.close()
    structlog.reset_defaults()


def test_show_starts_with_one_sentence(installation: Installation) -> None:
    installation.post("ada@example.com")
    result = installation.run("show", "ada@example.com")
    assert result.exit_code == 0
    first, *rest = result.stdout.splitlines()
    assert first == "ada@example.com: Subscribe to 'Newsletter': waits for its turn."
    assert any("dlv_1  Subscribe to 'Newsletter': pending" in line for line in rest)


def test_show_says_how_often_the_same_came_again_and_when(installation: Installation) -> None:
    for _ in range(3):
        installation.post("ada@example.com")
    lines = installation.run("show", "ada@example.com").stdout.splitlines()
    assert any("the same came again 2 times, last " in line for line in lines)
    (shown,) = installation.json("show", "evt_1")["events"]
    assert shown["times_received"] == 3
    assert shown["last_received_at"] >= shown["received_at"]


def test_show_reports_who_never_came_with_near_spellings_and_what_was_rejected(installation: Installation) -> None:
    installation.post("ada@example.com")
    inbox.add_rejections(installation.store, {("form", "signature"): 3}, at=installation.store.now() + 1)
    result = installation.run("show", "adq@example.com")
    assert result.exit_code == 1
    first, *rest = result.stdout.splitlines()
    assert first.endswith("is it ada@example.com?")
    assert any(re.search(r"hook form: last event \d+ s ago; rejected since: 3 \(signature\)", line) for line in rest)
    reported = installation.json("show", "adq@example.com")
    assert reported["near"] == ["ada@example.com"]
    assert reported["hooks"][0]["rejected_since"] == {"signature": 3}


def test_show_says_of_an_empty_outbox_alone_that_nothing_came(installation: Installation) -> None:
    for sought in ("ada@example.com", "evt_9"):
        assert "which has received nothing yet" in installation.run("show", sought).stdout
    installation.post("alan@example.com")
    for sought in ("ada@example.com", "evt_9"):
        assert "which has received nothing yet" not in installation.run("show", sought).stdout


def test_show_takes_the_id_that_the_log_gives_a_lead(installation: Installation) -> None:
    for email in ("ada@example.com", "alan@example.com"):
        installation.post(email)
    lead = pseudonym(registry.identity(installation.store), "alan@example.com")
    assert f"{lead}: " in installation.run("show", lead).stdout
    assert installation.json("show", lead)["events"][0]["lead"] == "alan@example.com"
    unknown = installation.run("show", "lead_0000000000000000")
    assert (unknown.exit_code, "delivery, call or lead has this id" in unknown.stdout) == (1, True)


def test_status_starts_with_the_apis_that_carry_leads(installation: Installation) -> None:
    installation.post("ada@example.com")
    registry.api_id(installation.store, "default", "lists")
    shown = installation.run("status").stdout
    assert shown.index("\nsubscribe: ") < shown.index("\ntrigger: ") < shown.index("Other calls used")
    assert "\nlists: " not in shown


def test_list_filters_and_is_read_by_programs(installation: Installation) -> None:
    for email in ("ada@example.com", "alan@example.com"):
        installation.post(email)
    assert [one["lead"] for one in installation.json("list", "--api", "trigger")["events"]] == [
        "alan@example.com",
        "ada@example.com",
    ]
    (found,) = installation.json("list", "ada@example.com", "--state", "blocked", "--since", "1h")["events"]
    (delivery,) = found["deliveries"]
    assert (found["event"], delivery["delivery"], delivery["target"]) == ("evt_1", "dlv_2", "Welcome")
    assert "evt_2" in installation.run("list").stdout
    assert installation.run("list", "--since", "soon").exit_code == 2


def test_what_is_chosen_by_an_api_that_is_none_is_refused_with_those_there_are(installation: Installation) -> None:
    names = ["subscribe", "trigger", "unsubscribe", "do_not_mail", "tag", "untag"]
    assert all(name in installation.run("retry", "--help").stdout for name in names)
    assert "do_not_mail" in installation.run("retry", "--api", "donotmail").output


def test_status_reports_what_waits_and_when_it_is_gone(installation: Installation) -> None:
    installation.post("ada@example.com")
    stopped = next(api for api in installation.json("status")["apis"] if api["api"] == "subscribe")
    assert (stopped["empty_at"], stopped["stopped_by"]) == (None, "no deliverer is running")
    registry.heartbeat(installation.store, role="deliverer", host="one", pid=1)
    reported = installation.json("status")
    subscribe = next(api for api in reported["apis"] if api["api"] == "subscribe")
    assert (subscribe["budget"], subscribe["budget_left"]) == (475, 475)
    assert subscribe["lanes"][0]["pending"] == {"live": 1}
    assert subscribe["empty_at"] is not None
    assert "Newsletter" in installation.run("status").stdout


def test_alarms_are_those_that_status_shows_now(installation: Installation) -> None:
    """Also where an alarm has ended, and its end is not yet reported to the channels."""
    ended = Alarm(
        name="hold",
        subject="trigger Welcome",
        severity=AlarmSeverity.WARNING,
        message="paused",
        fix="activate it",
        raised_at=1,
    )
    registry.note_alarms(installation.store, [ended], linger_ms=60_000)
    shown, expected = installation.json("alarms")["alarms"], installation.json("status")["alarms"]
    assert expected
    assert [{**one, "since": one["raised_at"]} for one in shown] == [
        {**one, "raised_at": one["since"]} for one in expected
    ]
    printed = installation.run("alarms").stdout
    assert all(f"{one['name']}: {one['subject']}: {one['message']}" in printed for one in expected)
    assert "paused" not in printed


def test_status_marks_the_lanes_of_an_account_that_nobody_serves(installation: Installation) -> None:
    installation.post("ada@example.com")
    assert all(api["served"] for api in installation.json("status")["apis"])
    installation.use(f"account: agency\n{MAPPING}")
    installation.post("alan@example.com")
    assert [api["account"] for api in installation.json("status")["apis"] if not api["served"]] == ["agency", "agency"]
    assert "NOT SERVED: account 'agency' is not in the settings" in installation.run("status").stdout


def test_cancel_and_retry_count_first_and_change_what_they_say(installation: Installation) -> None:
    for email in ("ada@example.com", "alan@example.com"):
        installation.post(email)
    assert installation.run("cancel", "--hook", "form").exit_code == 2, "nobody is there to ask"
    assert installation.run("cancel", "--hook", "form", "--dry-run").stdout == "4 deliveries would be cancelled\n"
    assert installation.json("cancel", "ada@example.com", "--yes") == {
        "fit": 2,
        "cancelled": 2,
        "dry_run": False,
        "job": 1,
    }
    assert installation.states("ada@example.com") == ["dead", "dead"]
    assert installation.states("alan@example.com") == ["pending", "blocked"]
    assert installation.run("retry", "dlv_1").stdout == "1 delivery retried\n"
    assert installation.states("ada@example.com")[0] == "pending"


def test_what_is_named_by_its_id_is_decided_without_its_state(installation: Installation) -> None:
    installation.post("ada@example.com")
    driver = OutboxDriver(installation.store)
    (lane,) = queue.lanes(installation.store, "default", "subscribe", cap=400)
    driver.finish(driver.claimed(lane.lane_id), DeliveryState.DEAD)
    left_out = installation.run("cancel", "ada@example.com", "--yes")
    assert (left_out.stdout, left_out.stderr) == (
        "0 deliveries cancelled\n",
        "  2 left out: dead; --state dead decides on them\n",
    )
    assert installation.run("cancel", "dlv_1").stdout == "1 delivery cancelled\n"
    assert installation.json("list", "--state", "dead", "--reason", "cancelled")["events"]
    installation.post("")
    assert installation.run("cancel", "evt_2").stdout == "1 event dismissed\n"
    assert installation.json("show", "evt_2")["events"][0]["reason"] == "dismissed"


def test_nothing_acts_on_everything_by_accident(installation: Installation) -> None:
    for command in ("retry", "cancel", "replay"):
        result = installation.run(command, "--yes")
        assert result.exit_code == 2
        assert "say which" in result.stderr


def test_replay_shows_the_difference_first_and_then_sends_only_that(installation: Installation) -> None:
    installation.post("ada@example.com")
    installation.use(MAPPING.replace("First Name", "Full Name"))
    shown = installation.run("replay", "evt_1", "--diff").stdout
    assert "actions[0].First Name: Ada -> (not sent)" in shown
    assert "actions[0].Full Name: (not sent) -> Ada" in shown
    assert installation.states("ada@example.com") == ["pending", "blocked"]
    assert installation.json("replay", "evt_1")["counts"] == {"send": 1}
    assert installation.states("ada@example.com") == ["dead", "dead", "pending", "blocked"]
    assert installation.json("replay", "--hook", "form", "--yes")["counts"] == {"same": 1}


def test_a_stopped_job_goes_on_where_it_was_and_is_in_the_audit(installation: Installation) -> None:
    for number in range(4):
        installation.post(f"lead{number}@example.com")
    installation.use(MAPPING.replace("Newsletter", "Customers"))
    chosen = acts.choose(installation.store, "replay", Selector(hook="form"))
    started = acts.start(installation.store, chosen, actor=Actor(name="ada", source="console"))
    settle_items(installation.store, started.job_id, {1: "send", 2: "send"})
    job = str(started.job_id)
    assert installation.json("jobs", job, "--stop")["status"] == "stopped"
    assert [(one["act"], one["done"], one["total"]) for one in installation.json("jobs")["jobs"]] == [("replay", 2, 4)]
    assert "to do: evt_3, evt_4" in installation.run("jobs", job).stdout
    ended = installation.json("jobs", job, "--resume")
    assert (ended["status"], ended["counts"]) == ("ended", {"send": 4})
    assert installation.states("lead1@example.com") == ["pending", "blocked"], "it was done before, so it is left alone"
    assert installation.states("lead3@example.com") == ["dead", "dead", "pending", "blocked"]
    assert installation.run("jobs", job, "--resume").exception is not None
    lines = installation.json("audit")["audit"]
    assert [line["result"] for line in lines] == ["4 send", "resumed", "stopped", "started"]
    assert {line["source"] for line in lines} == {"cli", "console"}


def test_every_act_of_the_command_line_is_in_the_audit_without_an_address(installation: Installation) -> None:
    for number in range(4):
        installation.post(f"lead{number}@example.com")
    for arguments in (
        ("cancel", "lead0@example.com", "--yes"),
        ("retry", "lead0@example.com", "--yes"),
        ("replay", "evt_2"),
        ("forget", "lead3@example.com", "--yes"),
        ("purge", "--yes"),
    ):
        assert installation.run(*arguments).exit_code == 0, arguments
    shown = installation.run("audit")
    assert "lead3@" not in shown.stdout
    acted = [line["act"] for line in installation.json("audit")["audit"]]
    assert acted == ["purge", "forget", "forget", "replay", "replay", "retry", "retry", "cancel", "cancel"]


def test_what_cannot_be_replayed_is_listed(installation: Installation) -> None:
    installation.post("ada@example.com")
    installation.post("ada@example.com", name="Countess")
    installation.use(MAPPING.replace("First Name", "Full Name"))
    reported = installation.json("replay", "--hook", "form", "--yes")
    assert reported["counts"] == {"overtaken": 1, "send": 1}
    assert reported["listed"] == [{"event": "evt_1", "decision": "overtaken"}]


def test_forget_erases_and_says_what_it_cannot_reach(installation: Installation) -> None:
    installation.post("ada@example.com")
    assert installation.json("forget", "ada@example.com", "--dry-run")["rows_with_the_address"]["deliveries"] == 2
    result = installation.run("forget", "Ada@Example.com", "--yes")
    assert result.exit_code == 0
    assert "A search of every row finds 0 traces of the address." in result.stdout
    assert "backups made before" in result.stdout
    assert "has made none" in result.stdout
    assert installation.run("show", "evt_1").stdout.startswith("evt_1: It was received and ignored: the person asked")
    assert [(job.act, job.counts) for job in newest_jobs(installation.store, limit=9)] == [("forget", {"forgotten": 1})]
    assert installation.run("forget", "nobody@example.com", "--yes").exit_code == 0
    audit = [(line.act, line.result) for line in audit_lines(installation.store, limit=3)]
    assert audit == [("forget", "1 forgotten"), ("forget", "1 forgotten"), ("forget", "started")]


def test_forget_names_the_backups_that_may_hold_the_person(installation: Installation, tmp_path: Path) -> None:
    installation.post("ada@example.com")
    for name in ("one.db", "two.db"):
        assert installation.run("backup", str(tmp_path / name)).exit_code == 0
    (tmp_path / "two.db").unlink()
    reported = installation.run("forget", "ada@example.com", "--yes").stdout
    assert f"{tmp_path / 'one.db'}, made" in reported
    assert "exists and may hold the person" in reported
    assert any("two.db" in line and "not visible from here" in line for line in reported.splitlines())
    again = installation.json("forget", "ada@example.com", "--yes")
    assert [(one["path"], one["seen_here"]) for one in again["backups"]] == [
        (str(tmp_path / "one.db"), True),
        (str(tmp_path / "two.db"), False),
    ]


def test_purge_keeps_what_is_open(installation: Installation) -> None:
    installation.post("ada@example.com")
    installation.post("alan@example.com")
    installation.run("cancel", "dlv_3")
    reported = installation.json("purge", "--before", "2099-01-01", "--yes")
    assert reported["purged"]["bodies"] == 0, "a trigger that died with its subscribe waits for a decision"
    installation.run("cancel", "alan@example.com", "--state", "dead", "--yes")
    assert installation.run("purge", "--before", "2099-01-01", "--dry-run").stdout.startswith(
        "1 body received before 2099"
    )
    assert installation.json("purge", "--before", "2099-01-01", "--dry-run")["would_purge"] == {
        "bodies": 1,
        "requests": 0,
    }
    assert installation.json("purge", "--before", "2099-01-01", "--yes")["purged"]["bodies"] == 1
    kept = operator.request_of(installation.store, 1)
    assert kept is not None
    assert kept.body is not None


def test_forecast_counts_the_mappings_calls_behind_what_waits(installation: Installation) -> None:
    installation.post("ada@example.com")
    reported = {one["api"]: one for one in installation.json("forecast", "--hook", "form", "--leads", "950")["apis"]}
    assert reported["subscribe"]["calls"] == 951
    assert 600 <= reported["subscribe"]["seconds"] < 610, "475 at once, 475 a window later, and one call after that"
    assert reported["trigger"] == reported["trigger"] | {"calls": 6, "leads": 951}
    assert reported["trigger"]["seconds"] == reported["subscribe"]["seconds"], "a trigger follows its subscribe"
    assert installation.run("forecast", "--hook", "none", "--leads", "1").exception is not None


def test_list_and_show_name_the_same_things_alike(installation: Installation) -> None:
    installation.post("ada@example.com")
    (listed,), (shown,) = installation.json("list")["events"], installation.json("show", "evt_1")["events"]
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


def test_an_api_that_fails_is_probed_at_once_when_a_person_says_so(installation: Installation) -> None:
    installation.post("ada@example.com")
    driver, store = OutboxDriver(installation.store), installation.store
    (lane,) = queue.lanes(store, "default", "subscribe", cap=400)
    outage = SideEffect(breaker_until=store.now() + 300_000)
    driver.finish(driver.claimed(lane.lane_id), DeliveryState.PENDING, outage, available_at=store.now())
    assert installation.run("release", "trigger").exit_code == 1
    assert installation.json("release", "subscribe")["probed"] == [{"account": "default", "api": "subscribe"}]
    probed = queue.ledger(store, "default", "subscribe")
    assert (probed.breaker_failures, (probed.breaker_until or 0) <= store.now()) == (1, True)
    assert "release" in installation.run("audit").stdout


def test_a_locked_api_is_not_released_and_says_until_when(installation: Installation) -> None:
    installation.post("ada@example.com")
    driver, store = OutboxDriver(installation.store), installation.store
    (lane,) = queue.lanes(store, "default", "subscribe", cap=400)
    lock = SideEffect(locked_until=store.now() + 300_000, breaker_until=store.now() + 300_000)
    driver.finish(driver.claimed(lane.lane_id), DeliveryState.PENDING, lock, available_at=store.now())
    for arguments in (("subscribe",), ("--all",)):
        result = installation.run("release", *arguments)
        assert result.exit_code == 1
        assert "subscribe, account default, is locked by Zoho until 2" in result.stderr


def test_a_release_of_nothing_ends_with_1(installation: Installation) -> None:
    for arguments in (("--all",), ("subscribe",), ("trigger", "--dry-run")):
        result = installation.run("release", *arguments)
        assert (result.exit_code, result.stderr) == (1, "nothing was released; held lanes: none\n")


def test_reload_says_which_mappings_are_good(installation: Installation) -> None:
    result = installation.run("reload")
    assert (result.exit_code, result.stdout) == (
        0,
        "Every process was asked to reload. 1 hook\n  runs: form\n",
    )
    installation.use(MAPPING.replace("preset: json", "preset: jsn"))
    result = installation.run("reload")
    assert result.exit_code == 1
    assert "closed: form" in result.stdout
    (installation.mappings / "form.yaml").unlink()
    registry.register_hooks(installation.store, ["form"])
    gone = installation.run("reload")
    assert (gone.exit_code, "the mapping file of hook form is gone" in gone.output) == (1, True)
    (row,) = installation.json("hooks")["hooks"]
    assert (row["hook"], row["state"], row["problems"][0]["code"]) == ("form", "closed", "gone")


@pytest.mark.parametrize("command", ["serve", "receive"])
def test_nothing_starts_to_receive_without_its_folder_of_mappings(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    installation.mappings.rename(installation.mappings.with_name("elsewhere"))
    for name in ("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"):
        monkeypatch.setenv(name, "some")
    monkeypatch.setenv("ZOHO_DATA_CENTER", "eu")
    for name, host in {"LEADBRIDGE_BIND": "127.0.0.1", "LEADBRIDGE_ADMIN_BIND": "127.0.0.2"}.items():
        monkeypatch.setenv(name, f"{host}:0")
    assert "there is no such folder" in str(installation.run(command).exception)


def test_hooks_counts_the_requests_for_names_that_no_hook_has(installation: Installation) -> None:
    now = installation.store.now()
    assert installation.json("hooks")["unknown_hook_requests"] == 0
    assert "does not exist" not in installation.run("hooks").stdout
    inbox.add_rejections(installation.store, {("", "unknown_hook"): 9}, at=now - 25 * 3_600_000)
    assert installation.json("hooks")["unknown_hook_requests"] == 0
    inbox.add_rejections(installation.store, {("", "unknown_hook"): 3, ("form", "signature"): 2}, at=now)
    assert installation.json("hooks", "form")["unknown_hook_requests"] == 3
    assert "3 requests in the last 24 hours, the last at " in installation.run("hooks").stdout


def test_hooks_shows_one_by_its_name(installation: Installation) -> None:
    (installation.mappings / "other.yaml").write_text(MAPPING)
    assert [one["hook"] for one in installation.json("hooks")["hooks"]] == ["form", "other"]
    assert [one["hook"] for one in installation.json("hooks", "other")["hooks"]] == ["other"]
    assert "did you mean" in str(installation.run("hooks", "fomr").exception)
