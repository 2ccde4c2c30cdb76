"""The hooks that were ever registered: without its mapping such a hook is answered 503 and not 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bridge.outbox.engine.database import Outbox


def register_hooks(outbox: Outbox, names: Collection[str]) -> None:
    """Remember these hooks until they are unregistered; one that was unregistered is back."""
    with outbox.write() as transaction:
        transaction.run_many("add_hook", [{"name": name} for name in sorted(names)])
        transaction.run_many("bring_back", [{"name": name} for name in sorted(names)])


def known_hook(outbox: Outbox, name: str) -> bool:
    """Whether a hook of this name was ever registered or received anything, and is not unregistered."""
    with outbox.read() as transaction:
        return transaction.row("live_hook", name=name) is not None


def unregister_hook(outbox: Outbox, name: str) -> bool:
    """Forget that this hook is missing: from now on nobody expects it. False if it was not known."""
    with outbox.write() as transaction:
        return transaction.row("unregister", name=name, now=transaction.now()) is not None


def hook_id(outbox: Outbox, name: str) -> int:
    """The id of one hook, made if it is new."""
    known = outbox.known_ids.get(("hook", name))
    return hook_ids(outbox, (name,))[name] if known is None else known


def hook_ids(outbox: Outbox, names: Iterable[str]) -> Mapping[str, int]:
    """The ids of some hooks, made where they are new (in a transaction of their own, so that none waits for it)."""
    known = {name: outbox.known_ids.get(("hook", name)) for name in names}
    found = {name: hook for name, hook in known.items() if hook is not None}
    missing = sorted(name for name in known if name not in found)
    if missing:
        with outbox.write() as transaction:
            transaction.run_many("add_hook", [{"name": name} for name in missing])
            rows = {name: transaction.row("hook_id", name=name) for name in missing}
        new = {name: int(row["id"]) for name, row in rows.items() if row}
        outbox.known_ids.update({("hook", name): hook for name, hook in new.items()})
        found |= new
    return found


def last_events_by_hook(outbox: Outbox) -> Mapping[str, int | None]:
    """When each hook received its last event that was no duplicate, in milliseconds UTC; None if it never did.

    Read from the newest events and not kept in a column of its own, which every receiver would have to update.
    """
    with outbox.read() as transaction:
        return {row["name"]: row["last_event_at"] for row in transaction.rows("last_events")}
