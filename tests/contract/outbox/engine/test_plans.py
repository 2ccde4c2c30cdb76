"""Every query, explained on both databases: none reads or sorts a table that grows without bound."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Final

import pytest

from bridge.model import EventState
from bridge.outbox.engine.queries import load
from bridge.outbox.operator import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.outbox import Outbox
    from bridge.outbox.engine.transaction import Transaction

GROWING: Final = frozenset(
    {
        "attempts",
        "audit",
        "calls",
        "deliveries",
        "events",
        "fetched",
        "job_items",
        "payloads",
        "rejections",
        "requests",
        "totals_by_hour",
    }
)

SCANS: Final = {
    "rejections": "at most 15 days of one row a minute, hook and reason",
    "rejections_by_hour": "at most 15 days of one row a minute, hook and reason",
    "shift_windows": "once, when an outbox moves",
    "open_total": "stops at its cap",
    "status_lanes": "takes one row of an index at a time, and reads the claimed, which are few",
    "events_by_newest": "stops at its limit, from the end of the primary key",
    "open_lanes": "takes one row of an index at a time; what it scans is the bounded front of a lane",
    "stuck_withdrawals": "reads an index of nothing but the withdrawals that are not through: they are few",
    "next_due": "takes one row of an index at a time",
    "pending_apis": "takes one row of an index at a time",
    "event_ids_claimed": "the claimed, which are few",
    "requests_from": "stops at its limit, along the primary key",
    "calls_from": "stops at its limit, along the primary key",
    "purge_audit": "stops at its limit, along the primary key",
    "status_recent_events": "stops at its limit, from the end of the primary key",
}
SORTS: Final = {
    "stuck_withdrawals": "the withdrawals that are not through: they are few",
    "rejections_by_hour": "at most 15 days of one row a minute, hook and reason",
    "deliveries_of_person": "the deliveries of one event",
    "states_of_event": "the deliveries of one event",
    "dead_waiting_for": "the deliveries of one event",
    "request_metas": "the deliveries of one call",
    "newer_values_in_call": "what newer events sent of the leads of one call",
    "last_to_target": "the deliveries of one lead",
    "blocked_by": "the deliveries of one event",
    "selected": "the deliveries of one event",
    "events_of_key": "the events of one key",
    "status_lanes": "the lanes",
    "status_recent_events": "the newest events, no more than its limit",
    "open_lanes": "the lanes",
    "events_by_call_id": "the deliveries of one call",
    "slots": "the calls of one window, never more than its budget",
    "followers": "the bounded front of a lane",
    "recent_outcomes": "the attempts of ten calls",
    "expired": "the claimed, which are few",
    "event_ids_claimed": "the claimed, which are few",
}
"""Queries that read or sort such a table all the same, and what bounds them."""


def test_no_query_reads_or_sorts_a_table_that_grows(outbox: Outbox) -> None:
    found: set[tuple[str, str]] = set()
    with outbox.read() as transaction:
        explain = _of_sqlite if transaction.dialect == "sqlite" else _of_postgres
        for name, sql in load("sqlite" if outbox.is_file else "postgres").items():
            if (
                not sql.startswith(("PRAGMA", "DO"))
                and "pragma_" not in sql
                and not re.search(r":rows|%\(rows\)s", sql)
            ):
                found |= {(name, line) for line in explain(transaction, sql)}
    unbounded = sorted(
        f"{name}: {line}" for name, line in found if name not in (SCANS if "scan" in line.lower() else SORTS)
    )
    assert not unbounded, "give these an index, a limit, or a reason:\n" + "\n".join(unbounded)


def _of_sqlite(transaction: Transaction, sql: str) -> Iterable[str]:
    following = r"(?!SET|WHERE|ORDER|ON|JOIN|LEFT|CROSS|LIMIT|GROUP|VALUES)"
    named = re.findall(rf"\b(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: {following}(\w+))?", sql)
    aliases = {alias for table, other in named if table in GROWING for alias in (table, other)}
    parameters = dict.fromkeys(re.findall(r":([a-z_]+)", sql))
    for row in transaction.connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters):
        line = str(row["detail"])
        scanned = re.match(r"SCAN (\w+)", line)
        if (scanned and scanned[1] in aliases) or ("TEMP B-TREE" in line and aliases):
            yield line


def _of_postgres(transaction: Transaction, sql: str) -> Iterable[str]:
    """Sequential scans that are left when the planner avoids them wherever an index would do."""
    transaction.connection.execute("SET LOCAL enable_seqscan = off")
    for line in _plan(transaction, "EXPLAIN", sql, {}):
        scanned = re.search(r"Seq Scan on (\w+)", line)
        if scanned and scanned[1] in GROWING:
            yield line.strip()


def _plan(transaction: Transaction, explain: str, sql: str, values: Mapping[str, object]) -> list[str]:
    """The plan for any values, which a statement that is used often gets."""
    connection = transaction.connection
    names = list(dict.fromkeys(re.findall(r"%\(([a-z_]+)\)s", sql)))
    numbered = re.sub(r"%\(([a-z_]+)\)s", lambda match: f"${names.index(match[1]) + 1}", sql).replace("%%", "%")
    connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    connection.execute(f"PREPARE explained AS {numbered}".encode())
    given = f"({', '.join(str(values.get(name, 'NULL')) for name in names)})" if names else ""
    lines = [next(iter(row.values())) for row in connection.execute(f"{explain} EXECUTE explained{given}".encode())]
    connection.execute("DEALLOCATE explained")
    return lines


LISTS: Final[dict[str, dict[str, object]]] = {
    "event_ids": {},
    "event_ids_of_lead": {"lead": "lead7@example.com"},
    "event_ids_of_hook": {"hook_id": 1, "state": int(EventState.REFUSED)},
    "event_ids_open": {"lane_id": 1},
    "event_ids_blocked": {"lane_id": 1},
    "event_ids_dead": {"lane_id": 1},
    "event_ids_delivered": {"lane_id": 1},
    "event_ids_claimed": {},
    "selected": {name.name: None for name in fields(Selector) if name.name != "event_id"} | {"hook": "form"},
}
"""The queries of lists, with values that leave most of the table out."""

FILL: Final = """
INSERT INTO events (id, request_id, item, hook_id, received_at, kind, type, state, reason, key, lead)
SELECT n, n, 0, 1 + n % 9, n, 'submission', '', CASE WHEN n % 50 = 0 THEN 3 ELSE 1 END, 'x', 'k' || n,
    'lead' || n % 5000 || '@example.com'
FROM {numbers};
INSERT INTO deliveries
    (id, event_id, action_no, account_id, lane_id, priority, state, ordered, on_doubt, lead, received_at, available_at,
    waits_for, reason, ended_at)
SELECT n, n, 1, 1, 1 + n % 9, 0,
    CASE WHEN n % 97 = 0 THEN 5 WHEN n % 89 = 0 THEN 3 WHEN n % 83 = 0 THEN 1 ELSE 4 END,
    1, 'resend', 'lead' || n % 5000 || '@example.com', n, n, 1, 'permanent',
    CASE WHEN n % 97 = 0 THEN n WHEN n % 89 = 0 OR n % 83 = 0 THEN NULL ELSE n END
FROM {numbers};
ANALYZE
"""
SCANNED: Final = re.compile(r"SCAN (events|deliveries|[ed])\b|Seq Scan on (events|deliveries)")
NUMBERS: Final = {
    "sqlite": "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 40000) SELECT n FROM s) n",
    "postgres": "generate_series(1, 40000) n",
}


def test_no_list_scans_a_table_that_is_full(outbox: Outbox) -> None:
    scans: list[str] = []
    with outbox.write() as transaction:
        connection, dialect = transaction.connection, "sqlite" if transaction.dialect == "sqlite" else "postgres"
        for statement in FILL.format(numbers=NUMBERS[dialect]).split(";"):
            connection.execute(statement)
        explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
        queries = load("sqlite" if dialect == "sqlite" else "postgres")
        for name, values in LISTS.items():
            given = {"after": 0, "up_to": 39_000, "limit": 100, "ids": transaction.ids(range(38_000, 38_100)), **values}
            wanted = {one: value for one, value in given.items() if re.search(rf"[:(]{one}\b", queries[name])}
            plan = [str(list(dict(row).values())[-1]) for row in connection.execute(explain + queries[name], wanted)]
            scans += [f"{name}: {line}" for line in plan if SCANNED.search(line) and name not in SCANS]
    assert not scans


ABSENT: Final = {"hook_id": 9, "lane_id": 9, "state": 3, "after": 0, "up_to": 40_000, "limit": 100, "cap": 1000}
LOOKED_FOR: Final = (
    "last_events",
    "fetch_backlogs",
    *(name for name, values in LISTS.items() if len(values) in (1, 2)),
)
PAGES_OF_INDEXES: Final = 200
"""So many pages at most; all the events of the test take a thousand."""


@pytest.mark.parametrize("outbox_url", ["postgres"], indirect=True)
def test_what_a_hook_or_lane_lacks_is_not_looked_for_among_all_events(outbox: Outbox) -> None:
    """PostgreSQL believes that each has its share, and would look from the newest back until it has found some.

    SQLite takes the index whatever is in it: the tests above see which.
    """
    queries, read = load("postgres"), {}
    skewed = FILL.format(numbers=NUMBERS["postgres"]).replace("1 + n % 9", "8").replace("n % 50 = 0", "n < 0")
    with outbox.write() as transaction:
        transaction.connection.execute("INSERT INTO hooks (name) SELECT 'hook' || n FROM generate_series(1, 9) n")
        for statement in skewed.split(";"):
            transaction.connection.execute(statement)
        for name in LOOKED_FOR:
            lines = _plan(transaction, "EXPLAIN (ANALYZE, BUFFERS)", queries[name], ABSENT)
            buffers = next(line for line in lines if "Buffers: shared" in line)  # of the whole plan
            read[name] = sum(map(int, re.findall(r"(?:hit|read)=(\d+)", buffers)))
    assert {name: pages for name, pages in read.items() if pages > PAGES_OF_INDEXES} == {}
