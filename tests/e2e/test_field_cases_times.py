"""Times and phones as senders and people write them, over real HTTP: what is stored for Zoho is right, or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import NewService, Service

MAPPING = """preset: json
verify: none
consent: {not_asked: a test}
lead:
  Lead Email: body.email
  When: {from: body.when, as: datetime, zone: UTC}
  Day: {from: body.day, as: date}
  Phone: {from: body.phone, as: phone, country: {from: body.country}}
actions:
  - subscribe: {list: Newsletter}
"""


@pytest.fixture(scope="module", params=["UTC", "America/New_York", "Asia/Kolkata"])
def service(request: pytest.FixtureRequest, new_service: NewService) -> Service:
    """A receiver on a host in each of these zones."""
    service = new_service(TZ=request.param)
    service.write(form=MAPPING)
    service.start("receive")
    return service


def sent(service: Service, **values: Any) -> dict[str, str]:
    """What the lead's delivery holds besides the address."""
    answer = service.post("form", {"email": "ada@example.com", **values})
    assert answer.status == 202, answer.body
    (event,) = orjson.loads(answer.body)["events"]
    (story,) = service.stories(event_id=int(event["id"].removeprefix("evt_")))
    (delivery,) = story.deliveries
    fields: dict[str, str] = orjson.loads(delivery.body or b"{}")
    return {name: value for name, value in fields.items() if name != "Lead Email"}


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("March 4, 2026 3:00 PM UTC+2", "03/04/2026 13:00:00"),
        ("March 4, 2026 3:00 PM GMT-05:00", "03/04/2026 20:00:00"),
        ("Wed Mar 04 2026 15:00:00 GMT+0200 (CEST)", "03/04/2026 13:00:00"),
        ("March 4, 2026 3:00 PM EST", "03/04/2026 20:00:00"),
        ("March 4, 2026 3:00 PM IST", None),
        ("March 4, 2026 3:00 PM CST", None),
        ("2026-03-04 15:00:00 UTC", "03/04/2026 15:00:00"),
        ("2026-03-04 3:00 PM", "03/04/2026 15:00:00"),
        ("15:00, 4 mars 2026", "03/04/2026 15:00:00"),
        ("2026-03-04 09:00-10:00", None),
    ],
)
def test_a_moment_is_the_same_on_every_host_or_left_out(service: Service, written: str, stored: str | None) -> None:
    assert sent(service, when=written).get("When") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Fri 03/04/2026", "04/03/2026"),
        ("Wed 03/04/2026", "03/04/2026"),
        ("03/04/2026", None),
        ("Mon 03/04/2026", None),
        ("04.03.26", None),
        ("13.04.2026", "04/13/2026"),
    ],
)
def test_day_and_month_are_never_guessed(service: Service, written: str, stored: str | None) -> None:
    assert sent(service, day=written).get("Day") == stored


@pytest.mark.parametrize(
    ("written", "country", "stored"),
    [
        *((f"+44 20 7946 0958{ending}", "", "+442079460958") for ending in (" ext. 12345", "x12", ";ext=12")),
        ("tel:+44-20-7946-0958", "", "+442079460958"),
        ("+44 (0)20 7946 0958", "", "+442079460958"),
        ("Mobile: 020 7946 0958", "United Kingdom", "+442079460958"),
        ("020 7946 0958", "Vereinigtes Königreich", "+442079460958"),
        ("020 7946 0958", "gb", "+442079460958"),
        ("020 7946 0958", "", None),
        ("1-800-FLOWERS", "US", None),
    ],
)
def test_a_phone_is_the_number_or_left_out(service: Service, written: str, country: str, stored: str | None) -> None:
    assert sent(service, phone=written, country=country).get("Phone") == stored
