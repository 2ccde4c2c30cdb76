from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.errors import ZohoError
from bridge.model import Target
from bridge.zoho import catalog as account
from bridge.zoho.answers import Envelope, read_envelope
from bridge.zoho.apis import APIS
from bridge.zoho.catalog import Journey, MailingList, Snapshot
from bridge.zoho.resolve import Keys, Unresolved, resolve

SNAPSHOT = Snapshot(
    taken_at=5,
    lists=(
        MailingList(key="L1", name="Newsletter", is_public=False),
        MailingList(key="L2", name="newsletter"),
        MailingList(key="L3", name="Spring  Fair", is_public=True),
        MailingList(key="L4", name="Twice"),
        MailingList(key="L5", name="Twice"),
    ),
    journeys=(
        Journey(key="J1", name="Welcome", trigger_key="T1"),
        Journey(key="J2", name="Shut"),
    ),
    fields=("Lead Email", "First Name"),
)

GIVE_KEY = "give listkey in the mapping"
OPEN_IT = "let it start with the open trigger in Zoho, or give triggerkey in the mapping"


def _answer(**members: Any) -> Envelope:
    return read_envelope(200, json.dumps(members).encode())


def test_lists_are_read_with_their_publicity() -> None:
    envelope = _answer(
        status="success",
        code="0",
        list_of_details=[
            {"listkey": "L1", "listname": "Newsletter", "is_public": "true"},
            {"listkey": "L2", "listname": "Fair", "is_public": False},
            {"listkey": "L3", "listname": "Other"},
            {"listname": "no key"},
            "no list",
        ],
    )
    assert account.read_lists(envelope) == (
        MailingList(key="L1", name="Newsletter", is_public=True),
        MailingList(key="L2", name="Fair", is_public=False),
        MailingList(key="L3", name="Other", is_public=None),
    )


def test_journeys_are_read_with_either_spelling_of_the_trigger_key() -> None:
    envelope = _answer(
        code="200",
        message="done",
        journeys=[
            {"journey_key": "J1", "journey_name": "Welcome", "triggerkey": "T1"},
            {"journey_key": "J2", "journey_name": "Bye", "trigger_key": "T2"},
        ],
    )
    assert [journey.trigger_key for journey in account.read_journeys(envelope)] == ["T1", "T2"]


@pytest.mark.parametrize(
    "response",
    [
        {"fieldname": [{"DISPLAY_NAME": "Lead Email"}, {"DISPLAY_NAME": "First Name"}, {"no": 3}]},
        {"fieldnames": {"fieldname": [{"DISPLAY_NAME": "Lead Email"}, {"DISPLAY_NAME": "First Name"}]}, "code": "0"},
    ],
)
def test_fields_are_read_in_both_shapes(response: dict[str, Any]) -> None:
    assert account.read_fields(_answer(response=response)) == ("Lead Email", "First Name")


def test_an_account_with_nothing_in_it_is_no_error() -> None:
    assert account.read_lists(_answer(status="error", code="2401", message="no list")) == ()
    assert account.read_journeys(_answer(status="error", code="9001", message="nothing")) == ()


@pytest.mark.parametrize(
    "envelope",
    [
        _answer(status="error", code="2706", message="not you"),
        _answer(status="error", code="0", list_of_details=[]),
        read_envelope(502, b"<html></html>"),
        read_envelope(200, b"{}"),
    ],
)
def test_an_error_is_reported_and_not_taken_for_an_empty_account(envelope: Envelope) -> None:
    with pytest.raises(ZohoError, match="cannot read the account's lists: "):
        account.read_lists(envelope)


class _Zoho:
    """Answers page by page."""

    def __init__(self, lists: list[dict[str, str]], *, ignores_paging: bool = False) -> None:
        self.calls: list[str] = []
        self._lists = lists
        self._ignores_paging = ignores_paging

    def call(self, api: str, form: dict[str, str]) -> Envelope:
        self.calls.append(api)
        if api == "lists":
            first = 0 if self._ignores_paging else int(form["fromindex"]) - 1
            return _answer(status="success", code="0", list_of_details=self._lists[first : first + int(form["range"])])
        if api == "journeys":
            details = json.loads(form["details"])
            assert details["trigger_type"] == "open"
            return _answer(code="200", journeys=[{"journey_key": "J", "journey_name": "W", "triggerkey": "T"}])
        if api == "tags":
            return _answer(tags=[{"164": {"tag_name": "VIP", "tag_desc": "x"}}, {"165": {"tag_name": "Customer"}}])
        assert form == {"type": "json"}
        return _answer(response={"fieldname": [{"DISPLAY_NAME": "Lead Email"}]})


def test_an_account_is_read_to_its_last_page() -> None:
    lists = [{"listkey": f"L{number}", "listname": f"List {number}"} for number in range(250)]
    zoho = _Zoho(lists)
    taken = account.take(zoho.call, 77)
    assert (taken.taken_at, len(taken.lists), taken.fields) == (77, 250, ("Lead Email",))
    assert taken.journeys == (Journey(key="J", name="W", trigger_key="T"),)
    assert taken.tags == ("VIP", "Customer")
    assert zoho.calls == ["lists", "lists", "lists", "journeys", "fields", "tags"]


@pytest.mark.parametrize(
    ("envelope", "tags"),
    [
        (_answer(status="error", code="992", message="No tag found."), ()),
        (_answer(status="error", code="1004", message="?"), None),
        (read_envelope(502, b"<html></html>"), None),
    ],
)
def test_tags_that_cannot_be_read_are_not_known(envelope: Envelope, tags: tuple[str, ...] | None) -> None:
    assert account.read_tags(envelope) == tags


def test_a_tag_is_named_as_zoho_does_or_unknown() -> None:
    vip = Target(api="tag", tag=" vip ")
    assert account_keys(vip, ("VIP",)) == Keys(tag="VIP")
    assert account_keys(vip, None) == Keys(tag=" vip ")
    unknown = account_keys(vip, ("VIPs",))
    assert unknown == Unresolved(message="the account has no tag ' vip '; did you mean 'VIPs'?")
    wanted = account_keys(Target(api="tag", tag="New", create_tag="yes"), ("VIP",))
    assert isinstance(wanted, Unresolved)
    assert wanted.tag == "New"


def account_keys(target: Target, tags: tuple[str, ...] | None) -> Keys | Unresolved:
    return resolve(Snapshot(taken_at=0, tags=tags), target, {"tag"})


def test_an_api_that_ignores_paging_does_not_make_us_read_for_ever() -> None:
    zoho = _Zoho([{"listkey": f"L{number}", "listname": "x"} for number in range(100)], ignores_paging=True)
    assert len(account.take(zoho.call, 0).lists) == 100
    assert zoho.calls.count("lists") == 2


def test_a_snapshot_survives_being_written_and_read() -> None:
    assert Snapshot.from_json(SNAPSHOT.to_json()) == SNAPSHOT


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"taken_at":1,"lists":[{}],"journeys":[],"fields":[]}'])
def test_what_is_no_snapshot_is_reported(text: bytes) -> None:
    with pytest.raises(ZohoError, match="leadbridge pull"):
        Snapshot.from_json(text)


@pytest.mark.parametrize(
    ("target", "keys"),
    [
        (
            Target(api="subscribe", list_name="Newsletter", sources="Web", topics="1,2"),
            Keys(list_key="L1", sources="Web", topics="1,2"),
        ),
        (Target(api="subscribe", list_name="newsletter"), Keys(list_key="L2")),
        (Target(api="subscribe", list_name=" SPRING fair"), Keys(list_key="L3")),
        (Target(api="subscribe", list_key="ANY"), Keys(list_key="ANY")),
        (
            Target(api="trigger", list_name="Newsletter", journey_name="welcome"),
            Keys(list_key="L1", journey_key="J1", trigger_key="T1"),
        ),
        (
            Target(api="trigger", list_key="L", journey_key="J1"),
            Keys(list_key="L", journey_key="J1", trigger_key="T1"),
        ),
        (
            Target(api="trigger", list_key="L", journey_key="J9", trigger_key="T9"),
            Keys(list_key="L", journey_key="J9", trigger_key="T9"),
        ),
    ],
)
def test_a_target_finds_its_keys(target: Target, keys: Keys) -> None:
    assert resolve(SNAPSHOT, target, APIS[target.api].needs) == keys


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            Target(api="subscribe", list_name="Newsleter"),
            "the account has no list 'Newsleter'; did you mean 'newsletter'?",
        ),
        (
            Target(api="subscribe", list_name="NEWSLETTER"),
            f"the list 'NEWSLETTER' matches 'Newsletter' (listkey L1) and 'newsletter' (listkey L2); {GIVE_KEY}",
        ),
        (
            Target(api="subscribe", list_name="Twice"),
            "the list 'Twice' matches 'Twice' (listkey L4) and 'Twice' (listkey L5); give listkey in the mapping",
        ),
        (
            Target(api="subscribe", list_name="zzz"),
            "the account has no list 'zzz'; make it in Zoho or correct the mapping",
        ),
        (Target(api="subscribe"), "no list is given; name one in the mapping"),
        (Target(api="trigger", list_key="L"), "no journey is given; name one in the mapping"),
        (
            Target(api="trigger", list_key="L", journey_name="Welcom"),
            "the account has no journey 'Welcom'; did you mean 'Welcome'?",
        ),
        (
            Target(api="trigger", list_key="L", journey_name="Shut"),
            f"the journey 'Shut' has no open trigger in this account; {OPEN_IT}",
        ),
        (
            Target(api="trigger", list_key="L", journey_key="J9"),
            f"the journey with the key 'J9' has no open trigger in this account; {OPEN_IT}",
        ),
    ],
)
def test_a_target_without_keys_says_why_and_what_to_do(target: Target, message: str) -> None:
    assert resolve(SNAPSHOT, target, APIS[target.api].needs) == Unresolved(message=message)
