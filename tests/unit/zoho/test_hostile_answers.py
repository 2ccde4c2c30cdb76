"""Whatever an answer of Zoho's holds in whichever place, it is read, or refused as an answer that cannot be used.

Every reader is tried with every hostile value in every place of a good answer. What is read can be stored as JSON.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest

from bridge.errors import NoAnswerError, TokenError, ZohoError
from bridge.http import Http
from bridge.zoho import APIS, read_envelope
from bridge.zoho.catalog import Snapshot, read_fields, read_journeys, read_lengths, read_lists, read_tags
from bridge.zoho.members import read_members
from bridge.zoho.oauth import MAX_LIFE_MS, exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.zoho.conftest import MakeDelivery, Zoho

HOSTILE: Final[tuple[Any, ...]] = (
    "", "0", "\0", "\ud800", "\u0663", "\u00b2", "a\r\nb", "\x1b[2J", "9" * 25, "9" * 5_000, "x" * 100_000, "<a>",
    0, -1, 2**63, 10**30, 1.5, float("nan"), float("inf"), True, False, None, [], {}, [[]], [None], {"": {}},
)  # fmt: skip
OK: Final = {"status": "success", "code": "0"}
GOOD: Final[dict[str, tuple[Callable[..., Any], dict[str, Any]]]] = {
    "lists": (
        lambda envelope: Snapshot(taken_at=1, lists=read_lists(envelope)).to_json(),
        {**OK, "list_of_details": [{"listkey": "L", "listname": "News", "is_public": "true"}]},
    ),
    "journeys": (
        lambda envelope: Snapshot(taken_at=1, journeys=read_journeys(envelope)).to_json(),
        {**OK, "journeys": [{"journey_key": "J", "journey_name": "Welcome", "trigger_key": "T"}]},
    ),
    "fields": (
        lambda envelope: Snapshot(taken_at=1, fields=read_fields(envelope), lengths=read_lengths(envelope)).to_json(),
        {"response": {**OK, "fieldnames": {"fieldname": [{"DISPLAY_NAME": "First Name", "FIELD_LENGTH": "100"}]}}},
    ),
    "tags": (
        lambda envelope: Snapshot(taken_at=1, tags=read_tags(envelope)).to_json(),
        {**OK, "tags": [{"1": {"tag_name": "spring"}}]},
    ),
    "members": (
        lambda envelope: orjson.dumps([[one.lead, one.fields] for one in read_members(envelope)]),
        {**OK, "list_of_details": [{"lead_email": "ada@example.com", "firstname": "Ada", "phone": "1"}]},
    ),
}


@pytest.mark.parametrize("reader", GOOD)
def test_every_reader_of_the_account(reader: str) -> None:
    read, good = GOOD[reader]
    for answer in changed(good):
        for status in (200, 400, 500):
            envelope = read_envelope(status, json.dumps(answer).encode())
            try:
                read(envelope)
            except ZohoError as error:
                str(error).encode()


@pytest.mark.parametrize("api", APIS)
def test_every_api(api: str, delivery: MakeDelivery) -> None:
    deliveries = (delivery(1), delivery(2, lead="bo@example.com")) if APIS[api].has_leads else ()
    good = {"code": 6600, "status": "error", "message": "wait 5 minutes", "error": {"title": "T", "message": "m"}}
    for answer in changed({**good, "response": good}):
        for status in (200, 400, 500):
            response = APIS[api].read(read_envelope(status, json.dumps(answer).encode()), deliveries)
            assert len(response.outcomes) == len(deliveries)
            orjson.dumps([response.code, response.message, *(one.message for one in response.outcomes)])
            assert "\0" not in f"{response.code}{response.message}"


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 100_000,
        b'{"code":' * 50_000,
        b"<r>" * 100_000,
        b"<r><code>" + b"9" * 5_000 + b"</code></r>",
        b'<?xml version="1.0" encoding="utf-16"?><r><code>0</code></r>',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"code":' + b"9" * 10_000 + b"}",
        b'{"code":1e999,"message":NaN}',
        b"",
    ],
    ids=lambda answer: answer[:12],
)
def test_every_form_of_answer(answer: bytes, delivery: MakeDelivery) -> None:
    for api in APIS.values():
        api.read(read_envelope(200, answer), (delivery(),) if api.has_leads else ())


def test_every_answer_of_the_accounts_server(zoho: Zoho) -> None:
    good = {
        "access_token": "1000.aaa",
        "refresh_token": "1000.rrr",
        "expires_in": 3600,
        "api_domain": "https://a.example",
    }
    with Http() as http:
        for answer in changed(good):
            zoho.answer(200, json.dumps(answer).encode())
            try:
                grant = exchange(http, zoho.url, client_id="id", client_secret="geheim", code="c")
            except (TokenError, NoAnswerError) as error:  # the latter for one of 100 KB
                str(error).encode()
                continue
            for token in (grant.refresh_token, grant.access.token):
                assert re.fullmatch(r"[!-~]+", token)
            assert 0 < grant.access.expires_in_ms <= MAX_LIFE_MS


def changed(value: Any) -> Iterator[Any]:
    """The value with each of its parts in turn replaced by each hostile one."""
    yield from HOSTILE
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, part in parts:
        for other in changed(part):
            copy = value.copy()
            copy[place] = other
            yield copy
