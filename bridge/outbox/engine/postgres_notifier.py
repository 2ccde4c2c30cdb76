"""Notifications between hosts by PostgreSQL's LISTEN and NOTIFY. See `notifier.py` for what they promise."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg

from bridge.outbox.engine.woken_thread import WokenThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox.engine.woken_thread import Turns

CHANNEL = "leadbridge"
PAUSE_SECONDS = 0.02
"""The least time between two NOTIFYs of a process: each takes a lock that all sessions of the server share."""


class PostgresNotifier:
    """Between hosts: PostgreSQL's NOTIFY, by a thread and a connection of its own, never in a receiving transaction."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._sender = WokenThread("outbox-notifier", self._send)
        self._listens = threading.Lock()
        self._listening: psycopg.Connection[Any] | None = None

    def notify(self) -> None:
        """Notify all waiting deliverers soon, from a thread of its own."""
        self._sender.wake()

    def wait(self, seconds: float) -> bool:
        """Wait for a notification; whether one came. Raises psycopg.Error; the next call connects again."""
        with self._listens:
            try:
                if self._listening is None:
                    self._listening = self._connect()
                    self._listening.execute(f"LISTEN {CHANNEL}")
                return any(True for _ in self._listening.notifies(timeout=seconds, stop_after=1))
            except psycopg.Error:
                self._stop_listening()
                raise

    def close(self) -> None:
        """End the thread, and stop listening once who waits has waited: libpq frees what another thread still reads."""
        self._sender.close()
        with self._listens:
            self._stop_listening()

    def _stop_listening(self) -> None:
        connection, self._listening = self._listening, None
        if connection is not None:
            connection.close()

    def _send(self, turns: Turns) -> None:
        connection: psycopg.Connection[Any] | None = None
        while turns.next():
            try:
                connection = connection or self._connect()
                connection.execute(f"NOTIFY {CHANNEL}")
            except psycopg.Error:  # the notification is lost; the next one tries again
                if connection is not None:
                    connection.close()
                connection = None
            turns.rest(PAUSE_SECONDS)
        if connection is not None:
            connection.close()
