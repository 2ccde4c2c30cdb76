from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.sandbox.conftest import LISTS

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Zoho

ADA = json.dumps({"Lead Email": "Ada@example.org"})


def test_an_unsubscribed_lead_is_off_the_list_and_only_of_that(zoho: Zoho) -> None:
    zoho.subscribe()
    assert _unsubscribe(zoho, leadinfo=ADA)["code"] == "0"
    assert zoho.state()["leads"]["Newsletter"]["ada@example.org"]["status"] == "unsubscribed"
    assert "confirmation" in zoho.subscribe().json()["message"], "who left must confirm to come back"
    assert _unsubscribe(zoho, leadinfo=json.dumps({"Lead Email": "nobody@example.org"}))["status"] == "success"


def test_do_not_mail_says_code_0_twice_and_means_two_things(zoho: Zoho) -> None:
    zoho.subscribe()
    first, second = _do_not_mail(zoho, ADA), _do_not_mail(zoho, ADA)
    assert [(one["code"], one["status"]) for one in (first, second)] == [("0", "success"), ("0", "error")]
    assert zoho.state()["do_not_mail"] == ["ada@example.org"]
    assert zoho.subscribe().json()["code"] == "2006"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"listkey": "?"}, "2501"),
        ({"leadinfo": ""}, "903"),
        ({"leadinfo": "{"}, "2001"),
        ({"leadinfo": "{}"}, "2004"),
        ({"leadinfo": '{"Lead Email": "ada"}'}, "2004"),
        ({"unknown": "1"}, "1002"),
    ],
)
def test_what_is_wrong_with_an_unsubscription_is_its_code(zoho: Zoho, parameters: dict[str, str], code: str) -> None:
    answer = zoho.post("/api/v1/json/listunsubscribe", data=_parameters(**parameters))
    assert code in answer.text


def _parameters(**changes: str) -> dict[str, str]:
    whole = {"listkey": LISTS["Newsletter"], "leadinfo": ADA, "resfmt": "JSON", **changes}
    return {name: value for name, value in whole.items() if value}


def _unsubscribe(zoho: Zoho, **changes: str) -> Any:
    return zoho.post("/api/v1/json/listunsubscribe", data=_parameters(**changes)).json()


def _do_not_mail(zoho: Zoho, leadinfo: str) -> Any:
    return zoho.post("/api/v1/json/leaddonotmail", data={"leadinfo": leadinfo, "resfmt": "JSON"}).json()
