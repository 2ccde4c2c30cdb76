"""Waking the deliverer when something was stored for it, on whichever host."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from bridge.errors import OutboxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox import Outbox

WAIT_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.1
"""After a notification the next is heard no sooner: under load a tenth of a second of work is taken at once."""


def wake_on_notifications(store: Outbox, wake: Callable[[], None], stop: threading.Event) -> threading.Thread:
    """Call `wake` within milliseconds of a notification, in a thread of its own, until `stop` is set.

    Where notifications cannot be heard (a pooler in between, a database that is away) nothing is called: `wake` only
    makes its owner sooner do what it does anyway.
    """

    def listen() -> None:
        while not stop.is_set():
            try:
                heard = store.wait_for_notification(WAIT_SECONDS)
            except OutboxError:
                stop.wait(WAIT_SECONDS)  # the owner meets and logs the same
                continue
            if heard:
                wake()
                stop.wait(PAUSE_SECONDS)

    thread = threading.Thread(target=listen, name="notifications", daemon=True)
    thread.start()
    return thread
