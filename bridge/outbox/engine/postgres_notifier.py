"""Notifications between hosts by PostgreSQL's LISTEN and NOTIFY. See `notifier.py` for what they promise."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

CHANNEL = "leadbridge"
PAUSE_SECONDS = 0.02
"""The least time between two NOTIFYs of a process: each takes a lock that all sessions of the server share."""


class PostgresNotifier:
    """Between hosts: PostgreSQL's NOTIFY, by a thread and a connection of its own, never in a receiving transaction."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._started = False
        self._listening: psycopg.Connection[Any] | None = None

    def notify(self) -> None:
        """Notify all waiting deliverers soon, from a thread of its own."""
        if not self._asked.is_set():
            self._asked.set()
            with self._lock:
                if not self._started:
                    self._started = True
                    threading.Thread(target=self._notify, name="outbox-notifier", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for a notification; whether one came. Raises psycopg.Error; the next call connects again."""
        try:
            if self._listening is None:
                self._listening = self._connect()
                self._listening.execute(f"LISTEN {CHANNEL}")
            return any(True for _ in self._listening.notifies(timeout=seconds, stop_after=1))
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        """Stop listening."""
        connection, self._listening = self._listening, None
        if connection is not None:
            connection.close()

    def _notify(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                connection = connection or self._connect()
                connection.execute(f"NOTIFY {CHANNEL}")
            except psycopg.Error:  # the notification is lost; the next one tries again
                if connection is not None:
                    connection.close()
                connection = None
            time.sleep(PAUSE_SECONDS)
