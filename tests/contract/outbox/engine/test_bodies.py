"""Bodies that are stored compressed are read, searched and forgotten like others, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from bridge.forget import count_traces, forget
from bridge.outbox.inbox import record
from bridge.outbox.operator import request_of

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from tests.builders import OutboxDriver

ADA = "ada@example.com"


def test_a_compressed_body_is_shorter_on_the_disk_and_read_as_it_came(driver: OutboxDriver) -> None:
    body = orjson.dumps({"email": ADA, "words": ["analytical engine"] * 200})
    before = record(driver.outbox, driver.request(driver.event(), body=body))[0].event_id
    driver.outbox.compress_bodies = True
    after = record(driver.outbox, driver.request(driver.event(), body=body))[0].event_id
    assert [_body(driver.outbox, event_id) for event_id in (before, after)] == [body, body]
    with driver.outbox.read() as transaction:
        rows = transaction.connection.execute("SELECT LENGTH(body) AS size FROM requests ORDER BY id").fetchall()
    assert rows[0]["size"] == len(body)
    assert rows[1]["size"] < len(body) / 5


def test_a_person_is_found_in_a_compressed_body_and_taken_out_of_it(driver: OutboxDriver) -> None:
    driver.outbox.compress_bodies = True
    others = [{"email": f"alan{number}@example.com"} for number in range(100)]
    event = driver.event(driver.delivery(ADA), lead=ADA)
    other = driver.event(driver.delivery("alan0@example.com"), lead="alan0@example.com", item=1)
    request = driver.request(event, other, body=orjson.dumps([{"email": ADA}, *others]))
    receipt = record(driver.outbox, request)[1]
    assert "requests" in count_traces(driver.outbox, ADA)
    assert forget(driver.outbox, ADA).left == ()
    assert count_traces(driver.outbox, ADA) == {}
    assert orjson.loads(_body(driver.outbox, receipt.event_id)) == [{"forgotten": True}, *others]


def _body(outbox: Outbox, event_id: int) -> bytes:
    stored = request_of(outbox, event_id)
    assert stored is not None
    assert stored.body is not None
    return stored.body
