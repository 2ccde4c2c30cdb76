"""What the doctor finds, with nothing set up, with everything in order, and with one thing wrong."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from bridge.config import exposure
from bridge.config.exposure import file_system_of
from bridge.http import Http
from bridge.operations.doctor import Check, Mark, examine
from bridge.outbox import open_outbox, queue, registry
from bridge.sandbox import SandboxSettings, default_account, running
from tests.builders import OutboxDriver
from tests.conftest import alter_server

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPING = """preset: json
verify: none
consent: {not_asked: "our own form, with its own terms"}
lead:
  Lead Email: {from: body.email}
actions:
  - subscribe: {list: Newsletter}
"""


@pytest.fixture
def zoho() -> Iterator[str]:
    with running(SandboxSettings(account=default_account())) as url:
        yield url


@pytest.fixture
def environ(tmp_path: Path, zoho: str) -> dict[str, str]:
    (tmp_path / "mappings").mkdir()
    migrated(f"sqlite:///{tmp_path / 'outbox.db'}")
    (tmp_path / "mappings" / "form.yaml").write_text(MAPPING)
    return {
        "LEADBRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'outbox.db'}",
        "LEADBRIDGE_MAPPINGS": str(tmp_path / "mappings"),
        "ZOHO_ACCOUNTS_URL": zoho,
        "ZOHO_API_URL": zoho,
        "ZOHO_CLIENT_ID": "doctor",
        "ZOHO_CLIENT_SECRET": "doctor",
        "ZOHO_REFRESH_TOKEN": "doctor",
    }


def migrated(url: str) -> None:
    with closing(open_outbox(url)) as outbox:
        outbox.migrate()


def failed(environ: dict[str, str]) -> list[Check]:
    found = [check for check in examine(environ) if check.mark is Mark.FAIL]
    assert all(check.fix for check in found)
    return found


def test_before_anything_is_set_up_it_says_what_to_set(tmp_path: Path) -> None:
    mappings = str(tmp_path / "mappings")
    settings = {"LEADBRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'outbox.db'}", "LEADBRIDGE_MAPPINGS": mappings}
    found = list(examine(settings))
    assert list(tmp_path.iterdir()) == []
    reported = {check.detail for check in found if check.mark is Mark.FAIL}
    assert {"ZOHO_CLIENT_ID is not set", f"there is no folder {mappings}"} <= reported
    assert any(check.name == "outbox" and "leadbridge migrate" in check.detail for check in found)


def test_settings_that_contradict_each_other_come_first() -> None:
    found = list(examine({"LEADBRIDGE_WORKERS": "none"}))
    assert [check.mark for check in found][-1] is Mark.SKIP
    assert all(check.name == "settings" for check in found[:-1])


def test_with_everything_in_order_nothing_fails(environ: dict[str, str]) -> None:
    found = {check.name: check for check in examine(environ)}
    assert [check.detail for check in found.values() if check.mark is Mark.FAIL] == []
    assert "a commit takes" in found["outbox"].detail
    assert found["token default"].mark is Mark.OK
    assert "lists" in found["account default"].detail
    assert found["names"].mark is Mark.OK


@pytest.mark.parametrize(
    ("actions", "lacking", "named"),
    [
        ("  - subscribe: {list: Newsletter}", "lead.CREATE", "Subscribe"),
        ("  - trigger: {journey: Welcome, list: Newsletter}", "journey.CREATE", "Trigger Leads"),
        ("  - unsubscribe: {list: Newsletter}", "lead.UPDATE", "Unsubscribe"),
        ("  - do_not_mail: true", "lead.UPDATE", "Move to Do-Not-Mail"),
        ("  - tag: VIP\n  - untag: Guest", "lead.UPDATE", "Assign Tag, Remove Tag"),
        ("  - tag: {name: VIP, create: true}", "lead.CREATE", "Create Tag"),
    ],
)
def test_each_scope_that_an_action_needs_and_the_token_lacks_is_named(
    environ: dict[str, str], actions: str, lacking: str, named: str
) -> None:
    head = MAPPING.partition("actions:")[0]
    (Path(environ["LEADBRIDGE_MAPPINGS"]) / "form.yaml").write_text(f"{head}actions:\n{actions}\n")
    wanted = ("lead.CREATE", "lead.UPDATE", "lead.READ", "journey.CREATE", "journey.READ")
    scopes = tuple(f"ZohoMarketingAutomation.{one}" for one in wanted if one != lacking)
    with running(SandboxSettings(account=default_account(), scopes=scopes)) as url:
        found = failed(environ | {"ZOHO_ACCOUNTS_URL": url, "ZOHO_API_URL": url})
        state = orjson.loads(Http().send("GET", f"{url}/_sandbox/state", deadline_seconds=10).body)
    (scope,) = [one for one in found if one.name == "scopes default"]
    assert scope.detail == (
        f"the token lacks the scope ZohoMarketingAutomation.{lacking}, which the mappings need for {named}"
    )
    assert "leadbridge auth" in scope.fix
    assert (state["do_not_mail"], state["tags"].get("VIP", [])) == ([], [])


def test_a_list_that_is_gone_is_found(environ: dict[str, str]) -> None:
    path = Path(environ["LEADBRIDGE_MAPPINGS"]) / "form.yaml"
    path.write_text(MAPPING.replace("Newsletter", "Newsleter"))
    (check,) = failed(environ)
    assert check.name == "names"
    assert "'Newsleter'" in check.detail


def test_an_unset_secret_and_a_broken_mapping_are_found(environ: dict[str, str]) -> None:
    folder = Path(environ["LEADBRIDGE_MAPPINGS"])
    (folder / "open.yaml").write_text(
        MAPPING.replace("verify: none", "secrets: {signing: NOT_SET}\nverify: {hmac: {}}")
    )
    assert {check.name for check in failed(environ)} == {"mappings"}


def test_an_outbox_that_cannot_be_written_is_found(environ: dict[str, str]) -> None:
    environ["LEADBRIDGE_DATABASE_URL"] = "sqlite:////nowhere/outbox.db"
    assert [check.name for check in failed(environ)] == ["disk", "outbox"]


def test_an_unreachable_public_url_is_found(environ: dict[str, str], zoho: str) -> None:
    environ["LEADBRIDGE_PUBLIC_URL"] = "http://127.0.0.1:9"
    assert [check.name for check in failed(environ)] == ["public url"]
    environ["LEADBRIDGE_PUBLIC_URL"] = zoho
    (check,) = failed(environ)
    assert "not as Leadbridge does" in check.detail


def test_a_server_that_may_lose_commits_is_found(environ: dict[str, str], durable_postgres_url: str) -> None:
    environ["LEADBRIDGE_DATABASE_URL"] = durable_postgres_url
    assert [check.name for check in failed(environ)] == ["outbox"]  # no tables yet
    migrated(durable_postgres_url)
    assert failed(environ) == []
    try:
        alter_server(durable_postgres_url, full_page_writes="off")
        (warned,) = (check for check in examine(environ) if check.name == "durability")
        assert (warned.mark, warned.fix != "") == (Mark.WARN, True)
        alter_server(durable_postgres_url, fsync="off")
        (check,) = failed(environ)
    finally:
        alter_server(durable_postgres_url, full_page_writes="on")
    assert check.name == "durability"
    assert "fsync, full_page_writes" in check.detail


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("tmpfs", "in memory (tmpfs)"),
        ("ramfs", "in memory"),
        ("overlay", "own layer (overlay)"),
        ("ext4", ""),
        ("xfs", ""),
    ],
)
def test_an_outbox_that_goes_with_its_container_is_reported(
    kind: str, why: str, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"none / ext4 rw 0 0\nnone {tmp_path} {kind} rw 0 0\n")
    monkeypatch.setattr(exposure, "MOUNTS", mounts)
    url = environ["LEADBRIDGE_DATABASE_URL"]
    assert why in exposure.perishable(url)
    assert bool(exposure.perishable(url)) == bool(why)
    assert not exposure.perishable("postgresql://h/d")
    assert [one.mark for one in examine(environ) if why and why in one.detail] == [Mark.WARN] * bool(why)


def test_a_network_file_system_is_reported_by_the_longest_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\nserver:/x /srv/data nfs4 rw 0 0\n/dev/sdb /srv/data/own xfs rw 0 0\n")
    monkeypatch.setattr(exposure, "MOUNTS", mounts)
    assert file_system_of(Path("/srv/data/leads")) == "nfs4"
    assert file_system_of(Path("/srv/data/own/leads")) == "xfs"
    assert file_system_of(Path("/home")) == "ext4"


def test_a_hook_whose_file_is_gone_and_a_held_lane_are_found(environ: dict[str, str]) -> None:
    with closing(open_outbox(environ["LEADBRIDGE_DATABASE_URL"])) as outbox:
        registry.register_hooks(outbox, ["form", "webinar"])
        driver = OutboxDriver(outbox)
        driver.send(target=driver.subscribe)
        queue.hold_lane(outbox, driver.lane(driver.subscribe), reason="the list is gone", probe_at=outbox.now())
    found = failed(environ)
    assert [check.name for check in found] == ["hook webinar", "alarm subscribe newsletter"]
    assert "webinar.yaml" in found[0].fix
    assert found[1].detail == "the list is gone"


@pytest.mark.parametrize(
    ("fault", "fix"),
    [
        ({"kind": "status", "status": 503}, "ask again later"),
        ({"kind": "error", "code": "2402"}, "ask again later"),
        ({"kind": "error", "code": "902"}, "leadbridge auth --help"),
        ({"kind": "error", "code": "2706"}, "leadbridge auth --help"),
    ],
)
def test_only_what_waiting_does_not_end_is_blamed_on_the_account(
    fault: dict[str, object], fix: str, environ: dict[str, str], zoho: str
) -> None:
    with Http() as http:
        body = orjson.dumps(fault | {"api": "lists"})
        as_json = {"Content-Type": "application/json"}
        http.send("POST", f"{zoho}/_sandbox/faults", body=body, headers=as_json, deadline_seconds=10)
    (found,) = failed(environ)
    assert (found.name, fix in found.fix) == ("account default", True)


@pytest.mark.parametrize(
    ("host", "why"), [("http://nowhere.invalid", "its name cannot be resolved"), ("http://127.0.0.1:1", "it refuses")]
)
def test_without_a_network_no_token_is_asked_for(environ: dict[str, str], host: str, why: str) -> None:
    (found,) = failed(environ | {"ZOHO_ACCOUNTS_URL": host, "ZOHO_API_URL": host})
    assert found.name == "zoho"
    assert why in found.detail
    assert "the network" in found.fix
    skipped = [one.name for one in examine(environ | {"ZOHO_ACCOUNTS_URL": host}) if one.mark is Mark.SKIP]
    assert skipped == ["token default"]
