"""Which hooks run, and why others do not, as every process may say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.outbox.registry import HookTrouble, hook_troubles, note_hooks, register_hooks, unregister_hook

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from tests.conftest import StillClock


def found(outbox: Outbox) -> dict[str, tuple[str, int]]:
    return {one.hook: (one.status, one.since) for one in hook_troubles(outbox)}


def test_a_registered_hook_without_its_file_is_gone_until_it_is_back_or_unregistered(
    outbox: Outbox, clock: StillClock
) -> None:
    register_hooks(outbox, ["form", "shop"])
    note_hooks(outbox, ["form", "shop"], [], folder="mappings")
    assert found(outbox) == {}
    note_hooks(outbox, ["form"], [], folder="mappings")
    since = clock.now
    (gone,) = hook_troubles(outbox)
    assert (gone.hook, gone.status) == ("shop", "gone")
    assert "mappings" in gone.problem
    clock.pass_ms(60_000)
    note_hooks(outbox, ["form"], [], folder="mappings")
    assert found(outbox) == {"shop": ("gone", since)}, "what did not change keeps its start"
    note_hooks(outbox, ["form", "shop"], [], folder="mappings")
    assert found(outbox) == {}
    note_hooks(outbox, ["form"], [], folder="mappings")
    assert unregister_hook(outbox, "shop")
    assert found(outbox) == {}


def test_a_closed_hook_is_reported_with_its_problem_and_fix(outbox: Outbox) -> None:
    trouble = HookTrouble(hook="form", status="closed", problem="the secret is not set", fix="set FORM_SECRET")
    note_hooks(outbox, ["form"], [trouble], folder="mappings")
    (stored,) = hook_troubles(outbox)
    assert (stored.status, stored.problem, stored.fix) == ("closed", "the secret is not set", "set FORM_SECRET")
