"""The console in one process, over a real outbox with a few real events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.security import generate_password_hash

from bridge import config
from bridge.console import console_app
from bridge.console.page import Console
from bridge.outbox import open_outbox
from tests.builders import HookDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

PASSWORD = "correct horse battery"
HASH = generate_password_hash(PASSWORD, "scrypt:1024:8:1")  # quick, as no real one may be
USERS = "\n".join(f"{name}:{name}:{HASH}" for name in ("viewer", "operator", "admin"))
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}

MAPPING = """\
preset: json
verify: none
consent: {answer: consent}
lead:
  Lead Email: {answer: email}
  First Name: {answer: first}
actions:
  - subscribe: {list: Newsletter}
"""

BODIES: tuple[dict[str, Any], ...] = (
    {"email": "ada@example.com", "first": "Ada", "consent": True},
    {"email": "grace@example.com", "first": "Grace", "consent": False},
    {"email": "charles at example", "first": "Charles", "consent": True},
)
"""One accepted, one ignored, one refused: evt_1, evt_2, evt_3."""


class CompiledTemplates(BytecodeCache):
    """Templates, compiled once for all consoles of this process; by the checksum of their text, as Jinja keeps them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (bucket.key, bucket.checksum) in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@pytest.fixture
def new_console(tmp_path: Path, sqlite_url: str) -> Iterator[Callable[..., FlaskClient]]:
    """Makes a console with these settings beyond its address and three users, one of each role."""
    yield from consoles(tmp_path, sqlite_url)


def consoles(folder: Path, url: str) -> Iterator[Callable[..., FlaskClient]]:
    """What `new_console` makes, over the migrated outbox at `url`; the mappings are in `folder`."""
    mappings = folder / "mappings"
    mappings.mkdir()
    (mappings / "form.yaml").write_text(MAPPING)
    store = open_outbox(url)
    driver = HookDriver(store, MAPPING)
    for body in BODIES:
        driver.receive(body)

    def make(**settings: str) -> FlaskClient:
        environ = {
            "LEADBRIDGE_DATABASE_URL": url,
            "LEADBRIDGE_MAPPINGS": str(mappings),
            "LEADBRIDGE_CONSOLE_BIND": "127.0.0.1:8082",
            "LEADBRIDGE_CONSOLE_USERS": USERS,
            **settings,
        }
        read = config.load(environ)
        assert read.console is not None
        app = console_app(Console(settings=read, own=read.console, outbox=store))
        app.jinja_env.bytecode_cache = COMPILED
        return app.test_client()

    yield make
    store.close()


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD, **headers: str) -> Any:
    """Post the sign-in form as a browser does."""
    return client.post("/login", data={"name": name, "password": password}, headers={**SAME_ORIGIN, **headers})


def act(client: FlaskClient, path: str, **data: str) -> Any:
    """Post a form of a page as a browser does."""
    return client.post(path, data=data, headers=SAME_ORIGIN)
