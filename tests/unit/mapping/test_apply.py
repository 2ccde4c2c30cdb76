"""What becomes of an event: its state, its reason, its deliveries, and what people see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge.mapping.apply import apply
from bridge.mapping.mapped import Mapped, mapped_as_json
from bridge.model import Contact, EventState, Kind, NewDelivery, OnDoubt, Priority, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping.hook_mapping import HookMapping
    from bridge.model import Event

    Load = Callable[[str], HookMapping]
    Make = Callable[..., Event]

BASE = """\
preset: json
verify: none
consent: {answer: May we?}
lead:
  Lead Email: contact.email
  First Name: {answer: name}
actions:
  - subscribe: {list: Newsletter, sources: Website}
  - trigger: {journey: Welcome}
"""
YES = {("c1", "May we?"): True, "name": "Ada"}


def state(mapped: Mapped) -> tuple[EventState, str]:
    return mapped.state, mapped.reason


def test_an_accepted_event_becomes_one_delivery_an_action(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(BASE), event_of(YES, contact=Contact(email="Ada@Example.COM"), at=1000))
    assert state(mapped) == (EventState.ACCEPTED, "")
    assert mapped.lead == "ada@example.com"
    assert mapped.deliveries == (
        NewDelivery(
            action_no=1,
            target=Target(api="subscribe", list_name="Newsletter", sources="Website"),
            lead="ada@example.com",
            body=b'{"Lead Email":"Ada@Example.COM","First Name":"Ada"}',
        ),
        NewDelivery(
            action_no=2,
            target=Target(api="trigger", list_name="Newsletter", journey_name="Welcome"),
            lead="ada@example.com",
            body=b'{"lead_email":"Ada@Example.COM"}',
            waits_for=1,
        ),
    )
    assert mapped.consent == {"source": "answer: May we?", "wording": "May we?", "value": True, "at": 1000}


def test_people_see_each_action_with_its_target_and_its_leadinfo_or_details(mapping_of: Load, event_of: Make) -> None:
    text = BASE.replace("{journey: Welcome}", "{journeykey: J1, triggerkey: T1, listkey: L1}")
    shown = mapped_as_json(apply(mapping_of(text), event_of(YES)))
    assert shown == {
        "state": "accepted",
        "reason": "",
        "actions": [
            {
                "api": "subscribe",
                "list": "Newsletter",
                "sources": "Website",
                "leadinfo": {"Lead Email": "ada@example.com", "First Name": "Ada"},
            },
            {
                "api": "trigger",
                "listkey": "L1",
                "journeykey": "J1",
                "triggerkey": "T1",
                "details": {"lead_email": "ada@example.com", "triggerkey": "T1", "listkey": "L1"},
            },
        ],
        "problems": [],
        "warnings": [],
    }


@pytest.mark.parametrize(
    "answer", [None, "", "  ", False, "no", "false", 0, 2, "maybe", [], ["0", "0"], ["on", "maybe"], {}]
)
def test_what_is_not_documented_as_agreement_is_no_consent(mapping_of: Load, event_of: Make, answer: Any) -> None:
    mapped = apply(mapping_of(BASE), event_of({("c1", "May we?"): answer}))
    assert state(mapped) == (EventState.IGNORED, "no_consent")
    assert mapped.lead == "ada@example.com"
    assert mapped.deliveries == ()
    assert mapped.actions == ()


@pytest.mark.parametrize(
    "answer", [True, "true", "Yes", " on ", 1, "1", [True], ["yes"], ["0", "1"], [True, True], "May we?"]
)
def test_the_documented_forms_of_agreement_are_consent(mapping_of: Load, event_of: Make, answer: Any) -> None:
    assert apply(mapping_of(BASE), event_of({("c1", "May we?"): answer})).state is EventState.ACCEPTED


def test_a_consent_question_unknown_to_the_form_is_refused_naming_the_closest(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(BASE), event_of({"name": "Ada"}, questions=("name", "May we not?")))
    assert state(mapped) == (EventState.REFUSED, "unknown_question")
    (problem,) = mapped.problems
    assert problem.message == "consent cannot be determined: the form has no question 'May we?'"
    assert problem.fix == "did you mean 'May we not?'?"
    assert problem.line == 3
    assert mapped.missed == ("May we?",)


def test_a_consent_question_that_is_asked_and_unanswered_is_ignored(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(BASE), event_of({"name": "Ada"}, questions=("name", "may we")))
    assert state(mapped) == (EventState.IGNORED, "no_consent")


def test_a_consent_question_that_fits_two_is_refused(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(BASE), event_of({("c1", "May we?"): True, ("c2", "may we"): False}))
    assert state(mapped) == (EventState.REFUSED, "ambiguous_question")
    assert "May we? (c1)" in mapped.problems[0].message
    assert "may we (c2)" in mapped.problems[0].message


def test_consent_may_be_a_choice_of_two_questions(mapping_of: Load, event_of: Make) -> None:
    text = BASE.replace("{answer: May we?}", "{any: [{answer: a}, {answer: b, contains: news}]}")
    mapping = mapping_of(text)
    assert apply(mapping, event_of({"b": ["news", "offers"]})).state is EventState.ACCEPTED
    assert apply(mapping, event_of({"b": ["offers"]})).reason == "no_consent"
    assert apply(mapping, event_of({"a": True}, questions=("a",))).state is EventState.ACCEPTED


def test_where_nobody_is_asked_the_reason_is_kept(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(BASE.replace("{answer: May we?}", "{not_asked: a trade fair}")), event_of(at=5))
    assert mapped.consent == {"not_asked": "a trade fair", "at": 5}


def test_a_question_of_a_field_unknown_to_the_form_is_a_warning(mapping_of: Load, event_of: Make) -> None:
    event = event_of({("c1", "May we?"): True}, questions=("May we?", "first name"))
    mapped = apply(mapping_of(BASE), event)
    assert mapped.state is EventState.ACCEPTED
    assert [(warning.code, warning.path) for warning in mapped.warnings] == [
        ("unknown_question", "lead.First Name.answer")
    ]
    assert mapped.missed == ("name",)


def test_a_question_is_found_by_its_key_or_its_label_forgivingly(mapping_of: Load, event_of: Make) -> None:
    text = BASE.replace("{answer: name}", "{answer: 'Votre prénom :'}")
    mapped = apply(
        mapping_of(text), event_of({("q7", "  votre  PRE\u0301NOM*"): "Ada", "c1": 1, ("c", "May we"): "on"})
    )
    assert mapped.actions[0].leadinfo == {"Lead Email": "ada@example.com", "First Name": "Ada"}


def test_a_key_wins_over_a_label(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(BASE), event_of({**YES, ("q9", "name"): "Grace"}))
    assert (mapped.actions[0].leadinfo or {})["First Name"] == "Ada"


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.SUBMISSION, Kind.UPDATE}))
def test_other_kinds_than_submissions_and_updates_are_ignored(mapping_of: Load, event_of: Make, kind: Kind) -> None:
    reason = "reference" if kind is Kind.REFERENCE else "kind_not_accepted"
    assert state(apply(mapping_of(BASE), event_of(YES, kind=kind))) == (EventState.IGNORED, reason)


def test_an_event_the_condition_leaves_out_is_ignored(mapping_of: Load, event_of: Make) -> None:
    mapping = mapping_of(BASE.replace("lead:", "when: [{from: body.a, is: x}, {query: b, in: [1, 2]}]\nlead:"))
    assert apply(mapping, event_of(YES, body={"a": "X"}, query={"b": "2"})).state is EventState.ACCEPTED
    assert state(apply(mapping, event_of(YES, body={"a": "X"}))) == (EventState.IGNORED, "when")


def test_a_draft_shows_everything_and_delivers_nothing(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(f"live: false\n{BASE}"), event_of(YES))
    assert state(mapped) == (EventState.IGNORED, "not_live")
    assert mapped.deliveries == ()
    assert [action.target.api for action in mapped.actions] == ["subscribe", "trigger"]


def test_a_draft_without_actions_holds_back_what_comes(mapping_of: Load, event_of: Make) -> None:
    draft = mapping_of("live: false\npreset: typeform\nsecrets: {signing: A}\nlead: {Lead Email: contact.email}\n")
    assert state(apply(draft, event_of(YES))) == (EventState.IGNORED, "not_live")


@pytest.mark.parametrize("address", ["nobody", "a,b@example.com", "a@b@example.com", "x" * 300 + "@example.com"])
def test_an_unusable_address_refuses_the_event_without_being_shown(
    mapping_of: Load, event_of: Make, address: str
) -> None:
    mapped = apply(mapping_of(BASE), event_of(YES, contact=Contact(email=address)))
    assert state(mapped) == (EventState.REFUSED, "bad_address")
    assert address not in str([problem.as_json() for problem in mapped.problems])


def test_a_missing_address_refuses_the_event_saying_why(mapping_of: Load, event_of: Make) -> None:
    text = BASE.replace("Lead Email: contact.email", "Lead Email: {answer: mail}")
    mapped = apply(mapping_of(text), event_of(YES, questions=("May we?", "name", "e-mail")))
    assert state(mapped) == (EventState.REFUSED, "no_address")
    assert mapped.problems[0].message == "Lead Email is missing: the form has no question 'mail'"


def test_the_body_is_checked_by_the_mappings_own_schema(mapping_of: Load, event_of: Make) -> None:
    schema = "schema: {type: object, required: [a], properties: {a: {type: integer}}}\n"
    mapping = mapping_of(schema + BASE)
    assert apply(mapping, event_of(YES, body={"a": 1})).state is EventState.ACCEPTED
    mapped = apply(mapping, event_of(YES, body={"a": "secret"}))
    assert state(mapped) == (EventState.REFUSED, "body_schema")
    assert mapped.problems[0].message == "a does not fit `schema` (type)"


@pytest.mark.parametrize(
    ("node", "value"),
    [("body.order", "17"), ('"{body.order}/{type}"', "17/sale"), ("{from: body.order}", "17"), ("body.none", None),
     ('"{body.order}-{body.none}"', None)],
)  # fmt: skip
def test_the_mappings_own_id_is_a_path_a_source_or_a_template(
    mapping_of: Load, event_of: Make, node: str, value: str | None
) -> None:
    mapped = apply(mapping_of(f"id: {node}\n{BASE}"), event_of(YES, type="sale", body={"order": 17}))
    assert mapped.id_value == value
    assert mapped.state is EventState.ACCEPTED


ROUTED = """\
preset: json
verify: none
consent: {not_asked: a test}
lead: {Lead Email: contact.email, A: body.a, B: body.b}
actions:
  - subscribe: {list: Always, without: [B], fields: {C: {value: c}}, on_doubt: hold, topics: [17, 18]}
  - subscribe: {list: {from: body.a, lookup: {x: One}, unmatched: refuse}, when: {from: body.a, present: true}}
  - trigger: {journey: Welcome}
  - trigger: {journey: Other, list: Always}
"""


def test_each_action_has_its_own_fields_list_and_doubt(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(ROUTED), event_of(body={"a": "x", "b": "y"}))
    first, second, third, fourth = mapped.deliveries
    assert orjson.loads(first.body) == {"Lead Email": "ada@example.com", "A": "x", "C": "c"}
    assert orjson.loads(second.body) == {"Lead Email": "ada@example.com", "A": "x", "B": "y"}
    assert first.target.topics == "17,18"
    assert (first.on_doubt, second.on_doubt) == (OnDoubt.HOLD, OnDoubt.RESEND)
    assert (second.target.list_name, third.target.list_name, third.waits_for) == ("One", "One", 2)
    assert (fourth.target.list_name, fourth.waits_for) == ("Always", 1)


def test_a_trigger_waits_only_for_a_subscribe_that_happens(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(ROUTED), event_of(body={"b": "y"}))
    assert [(d.action_no, d.target.list_name, d.waits_for) for d in mapped.deliveries] == [
        (1, "Always", None),
        (3, "Always", 1),
        (4, "Always", 1),
    ]


def test_a_list_that_cannot_be_reported_refuses_the_event(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(ROUTED), event_of(body={"a": "unknown"}))
    assert state(mapped) == (EventState.REFUSED, "unmatched")


def test_a_trigger_knows_the_list_of_a_subscribe_that_does_not_happen(mapping_of: Load, event_of: Make) -> None:
    text = BASE.replace("sources: Website", "when: {from: body.new, is: true}")
    (trigger,) = apply(mapping_of(text), event_of(YES, body={})).deliveries
    assert (trigger.target.list_name, trigger.waits_for) == ("Newsletter", None)


def test_an_event_for_which_no_action_holds_is_ignored(mapping_of: Load, event_of: Make) -> None:
    text = BASE.replace("  - trigger: {journey: Welcome}\n", "").replace("sources: Website", "when: {query: a, is: b}")
    assert state(apply(mapping_of(text), event_of(YES))) == (EventState.IGNORED, "no_action")


BULK = BASE.replace("  First Name: {answer: name}\n", "").replace("sources: Website", "bulk: true")


def test_an_account_and_a_priority_of_the_mapping_reach_every_delivery(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of("account: agency\npriority: bulk\n" + BASE), event_of(YES))
    assert [(one.target.account, one.priority) for one in mapped.deliveries] == [
        ("agency", Priority.BULK),
        ("agency", Priority.BULK),
    ]


def test_a_lead_with_nothing_but_an_address_may_go_with_others_in_one_call(mapping_of: Load, event_of: Make) -> None:
    def apis(text: str) -> list[str]:
        return [one.target.api for one in apply(mapping_of(text), event_of(YES)).deliveries]

    assert apis(BULK) == ["add_leads", "trigger"]
    assert apis(BULK.replace("bulk: true", "bulk: true, sources: Website")) == ["subscribe", "trigger"]
    assert apis(BULK.replace("bulk: true", "bulk: true, fields: {Plan: {value: x}}")) == ["subscribe", "trigger"]
    assert apis(BULK.replace("bulk: true", "bulk: false")) == ["subscribe", "trigger"]


def test_people_see_a_subscribe_whichever_api_it_goes_to(mapping_of: Load, event_of: Make) -> None:
    mapped = apply(mapping_of(BULK), event_of(YES))
    first, second = mapped_as_json(mapped)["actions"]
    assert (first["api"], first["leadinfo"]) == ("subscribe", {"Lead Email": "ada@example.com"})
    assert (second["api"], second["details"]) == ("trigger", {"lead_email": "ada@example.com"})


def test_a_trigger_that_names_its_list_waits_for_the_subscribe_to_that_list(mapping_of: Load, event_of: Make) -> None:
    more = "  - subscribe: {list: Other}\n  - trigger: {journey: Late, list: Newsletter}\n"
    more += "  - trigger: {journey: Else, list: Elsewhere}\n"
    planned = apply(mapping_of(BASE + more), event_of(YES)).deliveries
    assert [(one.target.list_name, one.waits_for) for one in planned[3:]] == [("Newsletter", 1), ("Elsewhere", 3)]


def test_paths_into_the_answers_and_expressions_see_the_same_names(mapping_of: Load, event_of: Make) -> None:
    fields = """  City: answers.town
  Town: answers["Your town"]
  Both: "join('-', [answers.town, answers.name])"
"""
    text = BASE.replace("  First Name: {answer: name}\n", fields)
    mapped = apply(mapping_of(text), event_of(YES | {("town", "Your town"): "London"}))
    assert orjson.loads(mapped.deliveries[0].body) == {
        "Lead Email": "ada@example.com",
        "City": "London",
        "Town": "London",
        "Both": "London-Ada",
    }


def test_a_question_whose_text_is_only_shown_is_named_by_its_key(mapping_of: Load, event_of: Make) -> None:
    text = BASE.replace("{answer: name}", "{answer: Your name}").replace("{answer: May we?}", "{answer: q2_mayWe}")
    event = event_of(
        {"q1_name": "Ada", "q2_mayWe": "Yes"}, questions=("q1_name", "q2_mayWe"), captions="Your name:Ada, May we?:Yes"
    )
    mapped = apply(mapping_of(text), event)
    assert mapped.state is EventState.ACCEPTED
    (warning,) = mapped.warnings
    assert warning.fix.startswith("name it by its key: `q1_name` (")
    assert mapped.consent is not None
    assert mapped.consent["wording"] == "May we?"
