"""A process that ends with its supervisor."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

DRAIN_SECONDS: Final = 45
"""How long the parts may finish what they started: longer than a call to Zoho may last."""


def hold_lifeline(descriptor: int) -> None:
    """In a part: stop this process in order when the supervisor is gone, and for good when it does not stop."""

    def wait() -> None:
        os.read(descriptor, 1)  # nobody writes: it returns when the other end is closed
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(DRAIN_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
