from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.model import ClaimedDelivery, DeliveryClass, OnDoubt

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeDelivery = Callable[..., ClaimedDelivery]


@pytest.fixture
def delivery() -> MakeDelivery:
    """Makes a delivery of the lead `ada@example.com`, or of another one."""

    def make(
        number: int = 1, *, lead: str = "ada@example.com", body: bytes | None = None, attempts: int = 0
    ) -> ClaimedDelivery:
        return ClaimedDelivery(
            id=number,
            event_id=number,
            lead=lead,
            body=body or b'{"lead_email":"%s"}' % lead.encode(),
            delivery_class=DeliveryClass.LIVE,
            on_doubt=OnDoubt.RESEND,
            attempts=attempts,
            ignored_count=0,
            cohort=None,
            received_at=0,
            first_try_at=0,
        )

    return make
