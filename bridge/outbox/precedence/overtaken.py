"""What comes later than something newer: the newer state stays, whatever came between.

The one rule is `overtakes` in `precedence.sql`: of one lead, for one list, tag or journey. It is asked just before a
call (`ended_of_call`), which also sees what two hosts stored at the same moment, and before a replay.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from bridge.model import DeliveryState, Order
from bridge.outbox.registry.targets import ORDERS

if TYPE_CHECKING:
    from bridge.model import NewDelivery
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction


def keep_newer_values(transaction: Transaction, call_id: int) -> None:
    """Have the subscribes in a call say nothing older of their leads than what was sent with other lists since.

    Of fields that both have, the newer value goes, and is stored as what was sent; no field is added.
    """
    newer: dict[int, dict[str, Any]] = {}
    for row in transaction.rows("newer_values_in_call", call_id=call_id):
        newer.setdefault(row["id"], {}).update(orjson.loads(row["body"]))
    for delivery_id, values in newer.items():
        body = orjson.loads(transaction.needed_row("payload", delivery_id=delivery_id)["body"])
        changed = body | {name: value for name, value in values.items() if name in body}
        if changed != body:
            transaction.run("set_payload", delivery_id=delivery_id, body=orjson.dumps(changed))


def overtaken_by(outbox: Outbox, event_id: int, delivery: NewDelivery) -> int | None:
    """The event that has overtaken what a replay of another one would deliver, None if there is none.

    It is newer, by the sender's time or else by its receipt, and did the same for the same lead and list, tag or
    journey, or the contrary.
    """
    order = Order.WITHDRAWAL if delivery.withdraws else ORDERS.get(delivery.target.api, Order.FREE)
    parameters = {"event_id": event_id, "lead": delivery.lead, "ordered": int(order), **asdict(delivery.target)}
    with outbox.read() as transaction:
        row = transaction.row("overtaken_by", **parameters)
    return row["id"] if row else None


def is_last_by_replay(outbox: Outbox, event_id: int, delivery: NewDelivery) -> bool:
    """Whether a replay of the event was the last to send the lead anything of this list, tag or journey."""
    with outbox.read() as transaction:
        row = transaction.row("last_to_target", lead=delivery.lead, **asdict(delivery.target))
    return (
        row is not None and (row["event_id"], row["state"]) == (event_id, DeliveryState.DELIVERED) and row["replay"] > 0
    )
