from __future__ import annotations

import hashlib
import hmac
from contextlib import nullcontext
from pathlib import Path

import orjson

from benchmarks.load import Result
from benchmarks.peers.peer import Peer, Running, ids_in_lines
from benchmarks.peers.survival import Survival
from benchmarks.peers.table import Row, table
from benchmarks.peers.webhooks import SECRET, prepare


def test_each_webhook_has_its_own_id_and_person_and_a_good_signature() -> None:
    posts = prepare(3)

    heads, bodies = zip(*(request.split(b"\r\n\r\n") for request in posts.requests), strict=True)

    forms = [orjson.loads(body) for body in bodies]
    assert [form["event_id"] for form in forms] == posts.ids
    assert [form["form_response"]["answers"][0]["email"] for form in forms] == [f"{i}@example.com" for i in posts.ids]
    assert len(set(posts.ids)) == 3
    for head, body in zip(heads, bodies, strict=True):
        assert f"sha256={hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()}".encode() in head
        assert f"Content-Length: {len(body)}".encode() in head


def test_a_torn_line_is_not_counted_as_kept(tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    stored.write_bytes(b'{"event_id":"one"}\n\n{"event_id":"two"}\n{"event_id":"thr')

    assert ids_in_lines(stored) == {"one", "two"}
    assert ids_in_lines(tmp_path / "missing") == set()


def test_the_table_shows_medians_what_was_refused_and_what_was_lost() -> None:
    rows = [
        Row(peer=_peer("bare"), rounds=[_result(1000), _result(4000), _result(2000)]),
        Row(peer=_peer("peer"), rounds=[_result(500, refused=5)], survival=Survival(answered=1200, stored=1000)),
        Row(peer=_peer("broken"), rounds=[_result(1)], fault="it did not start"),
    ]

    lines = table(rows).splitlines()

    assert lines[2] == "| bare | 2,000 | 1.00 | 1.0 | 2.0 | 0% | nothing | – | – | – |"
    assert lines[3] == "| peer | 500 | 0.25 | 1.0 | 2.0 | 50% | nothing | 1,200 | 1,000 | 200 |"
    assert lines[4:] == ["", "- bare: a setup.", "- peer: a setup."]


def _peer(name: str) -> Peer:
    running = Running(port=1, group=1, stored=set)
    return Peer(name=name, setup="a setup", synced="nothing", start=lambda _folder: nullcontext(running))


def _result(rate: float, *, refused: int = 0) -> Result:
    statuses = {"202": 5, "500": refused}
    return Result(rate=rate, p50_ms=1, p99_ms=2, statuses=statuses, taken=list(range(5)))
