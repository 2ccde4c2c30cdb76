"""Who leaves: `withdraw` is looked at before everything else and needs nothing but an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.mapping import PresetSummary, apply, expand, explain, load_mapping
from bridge.model import Answer, Contact, Event, EventState, Kind, Priority

if TYPE_CHECKING:
    from bridge.mapping import HookMapping
    from bridge.model import Problem

WITHDRAW = """withdraw:
  when: {any: [{from: kind, in: [unsubscribe, deletion]}, {from: body.state, is: left}]}
  actions:
    - untag: {name: VIP}
    - unsubscribe: {list: Newsletter}
    - unsubscribe: {list: Webinar, when: {from: body.all, agreed: true}}
    - do_not_mail: true
"""
REST = """priority: bulk
when: {from: body.wanted, agreed: true}
consent: {from: body.agreed}
lead: {Lead Email: {answer: email}}
actions: [{subscribe: {list: Newsletter}}]
"""


@pytest.mark.parametrize("kind", [Kind.UNSUBSCRIBE, Kind.DELETION])
def test_who_leaves_needs_no_consent_no_when_and_no_accepted_kind(kind: Kind) -> None:
    mapped = apply(_mapping(), _event(kind=kind))
    assert mapped.state is EventState.ACCEPTED
    assert [one.target.api for one in mapped.deliveries] == ["untag", "unsubscribe", "do_not_mail"]
    assert {(one.withdraws, one.priority, one.lead) for one in mapped.deliveries} == {
        (True, Priority.LIVE, "ada@example.com")
    }


def test_an_answer_can_withdraw_and_each_action_has_its_condition() -> None:
    mapped = apply(_mapping(), _event(kind=Kind.UPDATE, body={"state": "left", "all": True, "agreed": True}))
    assert [one.target.list_name for one in mapped.deliveries] == ["", "Newsletter", "Webinar", ""]


def test_whoever_does_not_leave_goes_on_as_ever() -> None:
    mapped = apply(_mapping(), _event(body={"agreed": True, "wanted": True}))
    assert mapped.reason == "no_address", "the lead's own field counts here, not the contact"
    assert apply(_mapping(), _event(body={"agreed": True})).reason == "when"


@pytest.mark.parametrize("kind", [Kind.TEST, Kind.PING])
def test_a_senders_test_withdraws_nobody(kind: Kind) -> None:
    assert apply(_mapping(), _event(kind=kind, body={"state": "left"})).reason == "kind_not_accepted"


def test_a_draft_takes_nobody_off() -> None:
    mapped = apply(_mapping("live: false\n"), _event(kind=Kind.UNSUBSCRIBE))
    assert (mapped.reason, mapped.deliveries, len(mapped.planned)) == ("not_live", (), 3)


@pytest.mark.parametrize(
    ("contact", "answers", "reason"),
    [
        (Contact(), (), "no_address"),
        (Contact(email="no address"), (), "bad_address"),
        (Contact(), (Answer(key="email", label="", value="ada@@example.com"),), "bad_address"),
    ],
)
def test_a_withdrawal_of_nobody_is_refused_so_that_a_person_sees_it(
    contact: Contact, answers: tuple[Answer, ...], reason: str
) -> None:
    mapped = apply(_mapping(), _event(kind=Kind.UNSUBSCRIBE, contact=contact, answers=answers))
    assert (mapped.state, mapped.reason) == (EventState.REFUSED, reason)


def test_each_person_of_a_list_is_withdrawn() -> None:
    mapping = _mapping("each: body.people\n", lead="lead: {Lead Email: item.email}\n")
    people = [{"email": "ada@example.com"}, {"email": "bob@example.com"}]
    events = expand(mapping, [_event(kind=Kind.UNSUBSCRIBE, contact=Contact(), body={"people": people})])
    assert [apply(mapping, one).lead for one in events] == ["ada@example.com", "bob@example.com"]


def test_a_mapping_may_do_nothing_but_take_people_off() -> None:
    found, problems = _load("preset: json\nverify: none\n" + WITHDRAW)
    assert problems == []
    assert found is not None
    assert apply(found, _event(kind=Kind.DELETION)).lead == "ada@example.com"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("subscribe: {list: A}", "unknown_key"),
        ("tag: VIP", "unknown_key"),
        ("unsubscribe: {}", "no_list"),
        ("do_not_mail: false", "wrong_type"),
        ("untag: {}", "missing_key"),
        ("unsubscribe: {list: A, on_doubt: hold}", "withdrawal_in_doubt"),
        ("do_not_mail: {when: {from: kind, is: submission}}", "unreachable"),
    ],
)
def test_what_cannot_be_done_for_somebody_who_leaves_is_said(line: str, code: str) -> None:
    text = f"withdraw:\n  when: {{from: kind, is: unsubscribe}}\n  actions:\n    - {line}\n"
    assert code in {problem.code for problem in _load("preset: json\nverify: none\n" + text)[1]}


def test_tags_and_lists_are_steps_of_a_lead_too() -> None:
    actions = """actions:
  - subscribe: {list: Customers}
  - tag: VIP
  - tag: {name: {from: body.product}, create: true, on_doubt: hold}
  - untag: {name: Prospect, when: {from: body.product, is: Shoes}}
  - unsubscribe: {list: {from: body.old}}
"""
    text = f"preset: json\nverify: none\nconsent: {{not_asked: a test}}\nlead: {{Lead Email: contact.email}}\n{actions}"
    found, problems = _load(text)
    assert (problems, found is None) == ([], False)
    assert found is not None
    planned = apply(found, _event(body={"product": "Socks", "old": "Leads"})).deliveries
    assert [(one.target.api, one.target.tag, one.target.create_tag, one.waits_for) for one in planned] == [
        ("subscribe", "", "", None),
        ("tag", "VIP", "", 1),
        ("tag", "Socks", "yes", 1),
        ("unsubscribe", "", "", None),
    ]
    assert [one.on_doubt.value for one in planned] == ["resend", "resend", "hold", "resend"]
    assert not any(one.withdraws for one in planned)


def test_the_explanation_of_a_withdrawal_shows_what_decided() -> None:
    shown = explain(_mapping(), _event(kind=Kind.UNSUBSCRIBE)).conditions
    assert [(one.where, one.holds) for one in shown] == [
        ("withdraw.when", True),
        ("withdraw.when", False),
        ("withdraw.actions[2].unsubscribe", False),
    ]
    others = explain(_mapping(), _event(body={"agreed": True})).conditions
    assert [one.where for one in others][:3] == ["withdraw.when", "withdraw.when", "accept"]


def _event(**changes: Any) -> Event:
    values: dict[str, Any] = {"item": 0, "kind": Kind.SUBMISSION, "contact": Contact(email="Ada@Example.com")}
    return Event(**({"body": {}} | values | changes))


def _mapping(more: str = "", lead: str = "") -> HookMapping:
    rest = REST if not lead else REST.replace("lead: {Lead Email: {answer: email}}\n", lead)
    found, problems = _load(f"preset: json\nverify: none\n{more}{WITHDRAW}{rest}")
    assert found is not None, problems
    return found


def _load(text: str) -> tuple[HookMapping | None, list[Problem]]:
    summary = PresetSummary(name="json", roles=frozenset(), verified=False)
    return load_mapping(text, file="x.yaml", name="x", presets={"json": summary})
