"""Accounts, their APIs and their lanes: the rows that say where a delivery goes, made on demand."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, fields, replace
from typing import TYPE_CHECKING

from bridge.model import Order, Target
from bridge.outbox.engine.text import storable
from bridge.outbox.registry.known_ids import known_id

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

_COLUMNS = tuple(field.name for field in fields(Target) if field.name not in ("account", "api"))

ORDERS = {
    "subscribe": Order.LIST,
    "add_leads": Order.LIST,
    "unsubscribe": Order.LEAVE,
    "do_not_mail": Order.LEAVE,
    "tag": Order.TAG,
    "untag": Order.TAG,
}
"""What one lead's deliveries to these APIs are among each other: fields, lists and tags belong to the account.

The order is judged under the lock of the account's row (`first_of_its_lead` in `queue/lead_order.sql`).
"""


def api_id(outbox: Outbox, account: str, api: str) -> int:
    """The id of an API of an account, made if it is new (in a transaction of its own)."""
    return known_id(outbox, "api", (account, api), lambda transaction: _api_id(transaction, account, api))


def account_id(outbox: Outbox, account: str) -> int:
    """The id of an account, made if it is new (in a transaction of its own)."""
    return known_id(outbox, "account", account, lambda transaction: _account_id(transaction, storable(account)))


def lane_id(outbox: Outbox, target: Target) -> int:
    """The id of the lane of a target, made if it is new (in a transaction of its own)."""
    return known_id(outbox, "lane", target, lambda transaction: _lane_id(transaction, _storable_target(target)))


def all_targets(outbox: Outbox) -> tuple[tuple[int, Target], ...]:
    """Every lane that there ever was, by its number, with its target."""
    with outbox.read() as transaction:
        return tuple((row["id"], target_of(row)) for row in transaction.rows("targets"))


def account_names(outbox: Outbox) -> tuple[str, ...]:
    """Every account for which anything was ever stored."""
    with outbox.read() as transaction:
        return tuple(row["name"] for row in transaction.rows("account_names"))


def target_of(row: Row) -> Target:
    """The target of a row that has a lane's columns with `account` and `api`."""
    return Target(account=row["account"], api=row["api"], **{name: row[name] for name in _COLUMNS})


def _storable_target(target: Target) -> Target:
    parts = {field.name: getattr(target, field.name) for field in fields(target)}
    changed = {name: storable(text) for name, text in parts.items() if storable(text) != text}
    return replace(target, **changed) if changed else target


def _account_id(transaction: Transaction, account: str) -> int:
    transaction.run("add_account", name=account)
    row = transaction.row("account_id", name=account)
    return int(row["id"]) if row else 0


def _api_id(transaction: Transaction, account: str, api: str) -> int:
    owner = _account_id(transaction, account)
    transaction.run("add_api", account_id=owner, name=api)
    row = transaction.row("api_id", account_id=owner, name=api)
    return int(row["id"]) if row else 0


def _lane_id(transaction: Transaction, target: Target) -> int:
    digest = hashlib.sha256(json.dumps(astuple(target)).encode()).digest()
    api = _api_id(transaction, target.account, target.api)
    columns = {name: getattr(target, name) for name in _COLUMNS}
    transaction.run("add_lane", api_id=api, target_digest=digest, **columns)
    row = transaction.row("lane_id", target_digest=digest)
    return int(row["id"]) if row else 0
