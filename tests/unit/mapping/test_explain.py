"""The story of each field, for the question "why is this in the lead?"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.mapping.explain import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping.hook_mapping import HookMapping
    from bridge.model import Event

TEXT = """\
preset: json
verify: none
consent: {not_asked: a test}
lead:
  Lead Email: contact.email
  Plan: {answer: plan, case: upper, lookup: {t: team}}
  Phone: {answer: phone, as: phone}
  City: {answer: city, when: {answer: plan, is: none}}
  First Name: {first_of: [{answer: nick}, contact.first_name], default: friend}
actions:
  - subscribe: {list: Newsletter, fields: {Extra: {value: yes}}}
"""


def test_each_field_reports_its_source_what_was_found_and_what_each_verb_did(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    event = event_of({"plan": " T ", "phone": "020 7946", "city": "Pune"})
    stories = {story.name: story for story in explain(mapping_of(TEXT), event).fields}
    plan = stories["Plan"]
    assert (plan.source, plan.found, plan.sent, plan.line) == ("answer: plan", " T ", "TEAM", 6)
    assert plan.steps == (("lookup", "team"), ("case: upper", "TEAM"))
    phone = stories["Phone"]
    assert phone.steps == (("as: phone", "(this phone number has no country code)"),)
    assert phone.notes == ("Phone is left out: this phone number has no country code",)
    assert (stories["City"].sent, stories["City"].notes) == ("", ("its `when` does not hold",))
    name = stories["First Name"]
    assert (name.source, name.found, name.sent) == ("first_of: answer: nick, contact.first_name", None, "friend")
    assert (stories["Extra"].sent, stories["Extra"].action_no) == ("yes", 1)


def test_every_condition_reports_what_was_found_and_whether_it_holds(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    text = TEXT.replace("{not_asked: a test}", "{any: [{answer: news}, {answer: terms, contains: agree}]}")
    mapping = mapping_of(
        text.replace("lead:", "when: [{answer: plan, in: [t, u]}, {from: body.x, present: false}]\nlead:")
    )
    reported = explain(mapping, event_of({"plan": "v", "news": "no", "terms": "I agree"})).as_json()
    assert (reported["state"], reported["reason"]) == ("ignored", "when")
    assert [(one["where"], one["condition"], one["found"], one["holds"]) for one in reported["conditions"]] == [
        ("accept", "submission, update", "submission", True),
        ("consent", "answer: news, agreed: true", "no", False),
        ("consent", "answer: terms, contains: agree", "I agree", True),
        ("when", "answer: plan, in: [t, u]", "v", False),
        ("when", "from: body.x, present: false", None, True),
    ]


def test_what_is_missing_and_what_is_defaulted_is_said(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    fields = {one["name"]: one for one in explain(mapping_of(TEXT), event_of()).as_json()["fields"]}
    assert fields["Plan"]["notes"] == ["there is nothing, and a blank is never sent"]
    assert fields["First Name"]["notes"] == ["it is blank, so the default is sent"]
    assert (fields["First Name"]["sent"], fields["Plan"]["sent"]) == ("friend", None)
