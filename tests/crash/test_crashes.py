"""The short form of the crash harness; `make crash` runs the long one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.http import Http
from tests.crash import database, harness

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_is_lost_when_processes_are_killed_over_sqlite(tmp_path: Path) -> None:
    plan = harness.Plan(kills=5, seconds=30, seed=1, leads=12)
    with Http() as http:
        _check(harness.run(plan, database.sqlite(tmp_path), tmp_path, http))


def test_nothing_is_lost_when_hosts_and_their_server_are_killed(tmp_path: Path) -> None:
    plan = harness.Plan(kills=5, seconds=30, seed=2, leads=12)
    with Http() as http, database.postgres() as server:
        _check(harness.run(plan, server, tmp_path, http))


def _check(report: harness.Report) -> None:
    assert report.kills.total() >= 2
    assert report.answered >= 10
    if not report.is_clean:
        pytest.fail(str(report))
