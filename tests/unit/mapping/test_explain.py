"""The story of each field, for the question "why is this in the lead?"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.mapping.explain import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping.hook import HookMapping
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


def test_each_field_tells_its_source_what_was_found_and_what_each_verb_did(
    mapping_of: Callable[[str], HookMapping], event_of: Callable[..., Event]
) -> None:
    event = event_of({"plan": " T ", "phone": "020 7946", "city": "Pune"})
    stories = {story.name: story for story in explain(mapping_of(TEXT), event)}
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
