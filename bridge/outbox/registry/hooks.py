"""The hooks that were ever registered: without its mapping such a hook is answered 503 and not 404."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.outbox.engine.transaction import from_row
from bridge.outbox.registry.known_ids import known_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction


def register_hooks(outbox: Outbox, names: Collection[str]) -> None:
    """Remember these hooks until they are unregistered; one that was unregistered is back."""
    with outbox.write() as transaction:
        transaction.run_many("add_hook", [{"name": name} for name in sorted(names)])
        transaction.run_many("bring_back", [{"name": name} for name in sorted(names)])


@dataclass(frozen=True, slots=True, kw_only=True)
class HookTrouble:
    """Why a hook does not run as its mapping file says, and the fix.

    `status` is `closed` (no usable text or no secret: answered 503), `stale` (a bad file runs on its last good text) or
    `gone` (the file is not there: answered 503). `since` is in milliseconds UTC.
    """

    hook: str
    status: str
    problem: str
    fix: str
    since: int = 0


def note_hooks(outbox: Outbox, running: Collection[str], troubles: Collection[HookTrouble], *, folder: str) -> None:
    """Store which hooks run and which do not; a registered one that is neither is gone from `folder`.

    Written only where something changed, so that every process may say so.
    """
    found = {one.hook: one for one in troubles}
    with outbox.read() as transaction:
        known = {row["name"]: row for row in transaction.rows("registered_hooks")}
    for name in known.keys() - found.keys() - set(running):
        found[name] = _gone(name, folder)
    changed = [name for name in known.keys() | found.keys() if _differs(known.get(name), found.get(name))]
    if changed:
        with outbox.write() as transaction:
            now = transaction.now()
            transaction.run_many("add_hook", [{"name": name} for name in sorted(changed)])
            transaction.run_many("set_hook_status", [_columns(name, found.get(name), now) for name in sorted(changed)])


def _gone(name: str, folder: str) -> HookTrouble:
    return HookTrouble(
        hook=name,
        status="gone",
        problem=f"the mapping file of hook {name} is gone from {folder}",
        fix=f"put {name}.yaml back, or `leadbridge unregister {name}`",
    )


def gone_hooks(outbox: Outbox, present: Collection[str], *, folder: str) -> tuple[HookTrouble, ...]:
    """The registered hooks that are none of those `present` in `folder`, by their names."""
    with outbox.read() as transaction:
        names = [row["name"] for row in transaction.rows("registered_hooks")]
    return tuple(_gone(name, folder) for name in names if name not in present)


def hook_troubles(outbox: Outbox) -> tuple[HookTrouble, ...]:
    """The hooks that do not run as their files say, as the receivers last saw them."""
    with outbox.read() as transaction:
        rows = [row for row in transaction.rows("registered_hooks") if row["status"]]
    return tuple(from_row(HookTrouble, row, hook=row["name"]) for row in rows)


def _differs(row: Row | None, trouble: HookTrouble | None) -> bool:
    stored = (row["status"], row["problem"]) if row is not None and row["status"] else None
    return stored != ((trouble.status, trouble.problem) if trouble is not None else None)


def _columns(name: str, trouble: HookTrouble | None, now: int) -> dict[str, object]:
    if trouble is None:
        return {"name": name, "status": None, "problem": None, "fix": None, "since": None}
    return {"name": name, "status": trouble.status, "problem": trouble.problem, "fix": trouble.fix, "since": now}


def known_hook(outbox: Outbox, name: str) -> bool:
    """Whether a hook of this name was ever registered or received anything, and is not unregistered."""
    with outbox.read() as transaction:
        return transaction.row("live_hook", name=name) is not None


def hook_names(outbox: Outbox) -> tuple[str, ...]:
    """Every hook that was ever registered or received anything."""
    with outbox.read() as transaction:
        return tuple(row["name"] for row in transaction.rows("hook_names"))


def is_unregistered(outbox: Outbox, name: str) -> bool:
    """Whether a person said that this hook will not come back."""
    with outbox.read() as transaction:
        return transaction.row("unregistered_hook", name=name) is not None


def unregister_hook(outbox: Outbox, name: str) -> bool:
    """Forget that this hook is missing: from now on nobody expects it. False if it was not known."""
    with outbox.write() as transaction:
        return transaction.row("unregister", name=name, now=transaction.now()) is not None


def hook_id(outbox: Outbox, name: str) -> int:
    """The id of one hook, made if it is new (in a transaction of its own)."""
    return known_id(outbox, "hook", name, lambda transaction: _hook_id(transaction, name))


def _hook_id(transaction: Transaction, name: str) -> int:
    transaction.run("add_hook", name=name)
    return int(transaction.needed_row("hook_id", name=name)["id"])


def last_events_by_hook(outbox: Outbox) -> Mapping[str, int | None]:
    """When each hook received its last event that was no duplicate, in milliseconds UTC; None if it never did.

    Read from the newest events: a column of its own would have to be updated by every receiver.
    """
    with outbox.read() as transaction:
        return {row["name"]: row["last_event_at"] for row in transaction.rows("last_events")}
