"""Short ways to put something into an outbox and to take it out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import OutboxDriver

if TYPE_CHECKING:
    from bridge.outbox import Outbox


@pytest.fixture
def driver(outbox: Outbox) -> OutboxDriver:
    return OutboxDriver(outbox)
