from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.sandbox import default_account

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Zoho

NEWSLETTER, WEBINAR = default_account().lists


def test_ten_addresses_go_into_the_list_in_one_call(zoho: Zoho) -> None:
    addresses = [f"lead{number}@example.org" for number in range(10)]
    assert _add(zoho, *addresses) == {
        "status": "success",
        "code": "0",
        "listkey": NEWSLETTER.key,
        "listname": "Newsletter",
        "url": "/api/v1/addleadsinbulk",
        "version": "1",
    }
    assert sorted(zoho.state()["leads"]["Newsletter"]) == addresses


def test_eleven_addresses_none_and_an_unknown_list_are_refused(zoho: Zoho) -> None:
    assert _add(zoho, *(f"lead{number}@example.org" for number in range(11)))["code"] == "903"
    assert _add(zoho)["code"] == "903"
    assert _add(zoho, "ada@example.org", key="gone")["code"] == "2206"


def test_an_address_that_cannot_be_added_is_not_named(zoho: Zoho) -> None:
    zoho.control("do_not_mail", address="grace@example.org")
    answer = _add(zoho, "ada@example.org", "no address", "info@example.org", "grace@example.org")
    assert answer["code"] == "0"
    assert list(zoho.state()["leads"]["Newsletter"]) == ["ada@example.org"]


def test_a_public_list_asks_everybody_first(zoho: Zoho) -> None:
    _add(zoho, "ada@example.org", key=WEBINAR.key)
    assert zoho.state()["confirmations"] == {"ada@example.org": 1}


def _add(zoho: Zoho, *addresses: str, key: str = NEWSLETTER.key) -> dict[str, object]:
    answer = zoho.post(
        "/api/v1/addleadsinbulk", data={"listkey": key, "emailids": ",".join(addresses), "resfmt": "JSON"}
    )
    found: dict[str, object] = answer.json()
    return found
