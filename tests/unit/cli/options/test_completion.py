"""What the shell is offered, by click's own completion protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete

from bridge import outbox
from bridge.cli.main import leadbridge
from bridge.model import EventState, Kind, NewEvent, NewRequest
from bridge.outbox import inbox

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEADBRIDGE_MAPPINGS", str(tmp_path))
    monkeypatch.setenv("LEADBRIDGE_DATABASE_URL", f"sqlite:///{tmp_path}/outbox.db")
    for name in ("webinar.yaml", "webinar.examples.yaml", "shop.yaml"):
        (tmp_path / name).write_text("preset: json\n")
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "acme.yaml").write_text("name: acme\n")
    return tmp_path


def offered(*arguments: str) -> set[str]:
    *before, incomplete = arguments
    completing = ShellComplete(leadbridge, {}, "leadbridge", "_LEADBRIDGE_COMPLETE")
    return {item.value for item in completing.get_completions(before, incomplete)}


def test_commands_and_options_are_completed() -> None:
    assert offered("re") == {"read", "receive", "reconcile", "reload", "release", "replay", "retry"}
    assert offered("part") == set()
    assert "--version" in offered("--v")
    assert "--json" in offered("list", "--j")


@pytest.mark.parametrize("before", [("hooks",), ("list", "--hook"), ("forecast", "--hook"), ("map",)])
def test_hooks_are_completed(before: tuple[str, ...], home: Path) -> None:
    assert "webinar" in offered(*before, "we")
    assert {"webinar", "shop"} <= offered(*before, "")
    assert "webinar.examples" not in offered(*before, "")


@pytest.mark.parametrize("before", [("presets",), ("read",), ("new", "--preset"), ("verify",)])
def test_presets_are_completed_the_users_own_among_them(before: tuple[str, ...], home: Path) -> None:
    assert "typeform" in offered(*before, "type")
    assert "acme" in offered(*before, "ac")


@pytest.mark.parametrize("before", [("show",), ("capture",), ("replay",), ("explain", "webinar")])
def test_ids_of_events_are_completed_and_no_outbox_is_made_for_it(before: tuple[str, ...], home: Path) -> None:
    assert {one for one in offered(*before, "evt") if one.startswith("evt_")} == set()
    assert not (home / "outbox.db").exists()
    store = outbox.open_outbox(f"sqlite:///{home}/outbox.db")
    store.migrate()
    event = NewEvent(item=0, kind=Kind.SUBMISSION, state=EventState.IGNORED, reason="not_live", key="k")
    request = NewRequest(
        hook="webinar",
        received_at=0,
        body=b"{}",
        content_type="application/json",
        meta=b"{}",
        mapping_set_id=None,
        events=(event,),
    )
    inbox.record(store, request)
    store.close()
    assert "evt_1" in offered(*before, "evt")
