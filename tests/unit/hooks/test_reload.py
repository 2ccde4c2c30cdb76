"""What a process takes up while it runs, looked at one look at a time."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING, Any

import pytest

from bridge.hooks.hook import ClosedHook, Hook
from bridge.hooks.reload import LiveHooks
from bridge.outbox import Outbox, open_outbox, registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = """\
preset: {preset}
live: {live}
secrets: {{token: A_TOKEN}}
verify: {{header_token: X-Token}}
consent: {{not_asked: the tests}}
lead:
  Lead Email: {{answer: email}}
actions:
  - subscribe: {{list: {list}}}
"""
PRESET = """\
name: ours
title: Our own sender
category: general
docs: [https://example.com/]
setup: ["Post to {url}"]
verify: choose
verify_choices: [header_token]
body: json
answers: body
"""


def good(*, preset: str = "json", live: str = "true", into: str = "One") -> str:
    return GOOD.format(preset=preset, live=live, list=into)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Outbox]:
    opened = open_outbox(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every log line from now on: its event and its fields."""
    lines: list[tuple[str, dict[str, Any]]] = []

    class Logger:
        def __getattr__(self, level: str) -> Any:
            return lambda event, **fields: lines.append((event, fields))

    monkeypatch.setattr("bridge.log.get_logger", lambda **_: Logger())
    return lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mappings"
    (made / "presets").mkdir(parents=True)
    return made


def into(live: LiveHooks, name: str = "form") -> str:
    """The list that the mapping active subscribes to."""
    hook = live.hooks.by_name[name]
    assert isinstance(hook, Hook), hook
    return hook.mapping.actions[0].parts["list"].fixed


def test_nothing_is_reloaded_while_nothing_changes(folder: Path, store: Outbox) -> None:
    (folder / "form.yaml").write_text(good())
    live = LiveHooks(folder, str.lower, store)
    live.refresh()  # its own storing notifies once
    assert not live.refresh()
    registry.request_reload(store)
    assert live.refresh()
    assert not live.refresh()


def test_an_account_that_nobody_serves_is_reported_and_the_hook_stays_open(
    folder: Path, store: Outbox, reported: list[tuple[str, dict[str, Any]]]
) -> None:
    (folder / "form.yaml").write_text(f"{good()}account: agencey\n")
    live = LiveHooks(folder, str.lower, store, accounts=("default", "agency"))
    assert into(live)
    ((name, fields),) = [line for line in reported if line[0] == "hook.account_unknown"]
    assert (fields["hook"], "did you mean agency?" in str(fields["problem"])) == ("form", True)
    reported.clear()
    (folder / "form.yaml").write_text(f"{good()}account: agency\n")
    assert live.refresh()
    assert name not in [line[0] for line in reported]


def test_a_changed_file_and_a_changed_secret_are_reloaded(folder: Path, store: Outbox) -> None:
    secrets = {"A_TOKEN": "first"}
    (folder / "form.yaml").write_text(good())
    live = LiveHooks(folder, lambda name: secrets.get(name, ""), store)
    (folder / "form.yaml").write_text(good(into="Another"))
    assert live.refresh()
    assert into(live) == "Another"
    secrets["A_TOKEN"] = "second"
    assert live.refresh()
    hook = live.hooks.by_name["form"]
    assert isinstance(hook, Hook)
    assert hook.secrets == {"token": ("second",)}
    secrets.clear()
    assert live.refresh()
    assert isinstance(live.hooks.by_name["form"], ClosedHook)


def test_hosts_with_other_files_never_argue(tmp_path: Path, store: Outbox) -> None:
    hosts = []
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "form.yaml").write_text(good(into=name))
        hosts.append(LiveHooks(tmp_path / name, str.lower, store))
    for _ in range(3):
        for host in hosts:
            host.refresh()
    assert not any(host.refresh() for host in hosts)
    assert [into(host) for host in hosts] == ["old", "new"]
    assert len({host.hooks.mapping_set_id() for host in hosts}) == 2


def test_a_new_process_runs_a_bad_file_on_the_text_that_was_good_last(folder: Path, store: Outbox) -> None:
    (folder / "form.yaml").write_text(good())
    LiveHooks(folder, str.lower, store)
    (folder / "form.yaml").write_text("preset: [\n")
    live = LiveHooks(folder, str.lower, store)
    assert into(live) == "One"
    assert list(live.hooks.stale) == ["form"]


def test_a_preset_of_ones_own_that_is_poisoned_or_gone_keeps_its_last_good_text(folder: Path, store: Outbox) -> None:
    preset = folder / "presets" / "ours.yaml"
    preset.write_text(PRESET)
    (folder / "form.yaml").write_text(good(preset="ours"))
    live = LiveHooks(folder, str.lower, store)
    assert into(live) == "One"
    preset.write_text("name: [\n")
    assert live.refresh()
    for process in (live, LiveHooks(folder, str.lower, store)):
        hook = process.hooks.by_name["form"]
        assert isinstance(hook, Hook)
        assert hook.preset.title == "Our own sender"
        assert list(process.hooks.stale) == ["form"]
    preset.unlink()
    assert live.refresh()
    assert into(LiveHooks(folder, str.lower, store)) == "One"


def test_a_draft_that_goes_live_says_how_to_send_what_was_held_back(
    folder: Path, store: Outbox, reported: list[tuple[str, dict[str, Any]]]
) -> None:
    (folder / "form.yaml").write_text(good(live="false"))
    live = LiveHooks(folder, str.lower, store)
    (folder / "form.yaml").write_text(good())
    assert live.refresh()
    fix = "leadbridge replay --hook form --reason not_live"
    assert ("hook.went_live", {"hook": "form", "fix": fix}) in reported


def test_a_forked_process_watches_by_itself(folder: Path, store: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr("threading.Thread.start", lambda thread: started.append(thread.name))
    live = LiveHooks(folder, str.lower, store)
    live.watch()
    live.watch()
    assert started == ["reload"]
    monkeypatch.setattr(os, "getpid", lambda: -1)
    live.watch()
    assert started == ["reload", "reload"]


def test_hooks_stay_while_the_folder_cannot_be_read(
    folder: Path, store: Outbox, reported: list[tuple[str, dict[str, Any]]]
) -> None:
    (folder / "form.yaml").write_text(good())
    live = LiveHooks(folder, str.lower, store)
    live.refresh()
    away = folder.rename(folder.with_name("away"))
    assert not live.refresh()
    assert into(live) == "One"
    assert [(one.hook, one.status) for one in registry.hook_troubles(store)] == [("form", "stale")]
    away.rename(folder)
    assert live.refresh()
    assert registry.hook_troubles(store) == ()
    assert [event for event, _ in reported if event == "mappings.unreadable"] == ["mappings.unreadable"]


def test_hooks_stay_while_descriptors_are_used_up(folder: Path, store: Outbox) -> None:
    (folder / "form.yaml").write_text(good())
    live = LiveHooks(folder, str.lower, store)
    live.refresh()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        assert not live.refresh()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert into(live) == "One"


def test_a_change_is_reported_once_and_without_what_was_known(
    folder: Path, store: Outbox, reported: list[tuple[str, dict[str, Any]]]
) -> None:
    (folder / "form.yaml").write_text(good())
    (folder / "poisoned.yaml").write_text("preset: nobody\n")
    live, worker = LiveHooks(folder, str.lower, store), LiveHooks(folder, str.lower, store, reports=False)
    assert [event for event, _ in reported].count("hook.closed") == 1
    reported.clear()
    (folder / "form.yaml").write_text("preset: nobody\n")
    assert live.refresh()
    assert worker.refresh()
    rejected = [fields for event, fields in reported if event == "mapping.rejected"]
    assert {(line["hook"], line["last_good_in_use"]) for line in rejected} == {("form", True)}
    assert [event for event, _ in reported if event != "mapping.rejected"] == ["mappings.loaded"]
    reported.clear()
    (folder / "form.yaml").write_text(good(into="Three"))
    assert live.refresh()
    assert not live.refresh(), "a change is loaded once, though its own texts were stored"
    assert [event for event, _ in reported] == ["mappings.loaded"]
    registry.request_reload(store)
    assert live.refresh()


def test_one_unset_secret_of_two_is_reported_and_the_hook_stays_open(
    folder: Path, store: Outbox, reported: list[tuple[str, dict[str, Any]]]
) -> None:
    (folder / "form.yaml").write_text(good().replace("{token: A_TOKEN}", "{token: [NEW_TOKEN, OLD_TOKEN]}"))
    secrets = {"OLD_TOKEN": "a long enough value"}
    live = LiveHooks(folder, lambda name: secrets.get(name, ""), store)
    (fields,) = (fields for event, fields in reported if event == "hook.doubtful")
    assert "NEW_TOKEN is empty" in fields["problems"][0]
    secrets["NEW_TOKEN"] = "another long enough value"
    assert live.refresh()
    hook = live.hooks.by_name["form"]
    assert isinstance(hook, Hook)
    assert hook.doubts == ()
