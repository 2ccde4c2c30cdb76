"""What holds for every payload: nothing is raised, nothing blank is sent, nobody is subscribed by accident."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import address as addresses
from bridge.expressions import agreement
from bridge.mapping.apply import apply
from bridge.mapping.compile import load_mapping
from bridge.mapping.hook_mapping import PresetSummary
from bridge.mapping.mapped import mapped_as_json
from bridge.mapping.validate import LEADINFO
from bridge.model import Answer, Contact, Event, EventState, Kind, Question

jsonschema_rs = pytest.importorskip("jsonschema_rs")

TEXT = """\
preset: json
verify: none
id: "{body.a}-{id}"
consent: {answer: c}
lead:
  Lead Email: {first_of: [{answer: mail}, contact.email]}
  A: {answer: a, parse: json, where: {x: 1}, take: [first, a], split: ",", replace: {a: bb}, case: upper, cut: 50}
  B: {from: body.a, name: last}
  C: {answer: b, as: phone, country: IN}
  D: {from: body.b, as: date, zone: Asia/Kolkata}
  E: {from: body.b, as: datetime, read: day_first}
  F: {answer: b, as: number}
  G: {answer: b, as: integer, read: decimal_comma}
  H: {answer: b, as: boolean}
  I: {answer: b, as: email}
  J: {from: "join(', ', body.a)"}
  K: {answer: a, lookup: {a: b, true: c, "1": d}, unmatched: keep}
  L: {answer: a, parse: list, join: " "}
  M: answers.a
  N: {from: request, take: [0, -1, first, a]}
  O: {header: x}
  P: {first_of: [tracking.a, {answer: b, as: text}], default: z}
actions:
  - subscribe:
      list: {answer: list, lookup: {a: One}, unmatched: Other, default: Fallback}
      sources: {from: body.b}
      topics: {from: body.a}
      fields: {Q: body}
  - trigger: {journey: Welcome, when: {any: [{answer: b, contains: a}, {from: body.a, is_not: 1}]}}
"""

MAPPING, PROBLEMS = load_mapping(
    TEXT, file="m.yaml", name="m", presets={"json": PresetSummary(name="json", roles=frozenset(), verified=False)}
)
VALIDATOR = jsonschema_rs.Draft202012Validator(LEADINFO)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Zs", "Cf", "Nd"]), max_size=8),
    st.sampled_from(
        ["a", "a,b", "ada@example.com", "[1]", '{"a": 1}', "2026-03-04", "12.03.2026", "1,234", "+91 98765 43210"]
    ),
)
payloads = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "x", "first", "\ud800"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    rarely = draw(st.integers(0, 7))
    agreed = draw(payloads) if rarely == 1 else True
    mail = draw(payloads) if rarely == 2 else draw(st.sampled_from(["grace@example.org", None, ""]))
    answers = [
        Answer(key="c", label=draw(st.sampled_from(["", "\udfff?"])), value=agreed),
        Answer(key="a", label="b?", value=draw(payloads)),
    ]
    answers += [Answer(key="b", value=draw(payloads)), Answer(key="mail", value=mail)][: draw(st.integers(0, 2))]
    answers.append(Answer(key="list", value=draw(payloads) if rarely == 3 else "a"))
    label = draw(st.sampled_from(["", "B", "\ud800", "b\x00"]))
    questions = draw(st.sampled_from([None, (Question(key="c"), Question(key="b", label=label))]))
    return Event(
        item=0,
        kind=Kind.TEST if rarely == 4 else Kind.SUBMISSION,
        id=draw(st.none() | st.just("1")),
        contact=Contact(email=draw(st.text(max_size=9)) if rarely == 5 else "ada@example.com"),
        answers=tuple(answers),
        questions=questions,
        tracking={"a": draw(payloads)},
        body=draw(payloads),
        request=draw(payloads),
    )


@given(event=events())
def test_any_payload_is_mapped_without_an_error_and_only_good_leads_leave(event: Event) -> None:
    assert MAPPING is not None, PROBLEMS
    mapped = apply(MAPPING, event)
    orjson.dumps([mapped_as_json(mapped), mapped.consent])
    assert (mapped.state is EventState.REFUSED) == bool(mapped.problems)
    assert bool(mapped.deliveries) == (mapped.state is EventState.ACCEPTED)
    for delivery in mapped.deliveries:
        body = orjson.loads(delivery.body)
        assert all(isinstance(value, str) and value.strip() for value in body.values())
        assert addresses.problem(body.get("Lead Email") or body["lead_email"]) is None
        if delivery.target.api == "subscribe":
            assert VALIDATOR.is_valid(body)
            assert next(iter(body)) == "Lead Email"
    for problem in mapped.problems:
        assert problem.path
        assert problem.line


@given(value=payloads)
def test_no_undocumented_value_counts_as_consent(value: Any) -> None:
    assert MAPPING is not None
    event = Event(
        item=0,
        kind=Kind.SUBMISSION,
        contact=Contact(email="ada@example.com"),
        answers=(Answer(key="c", value=value), Answer(key="list", value="a")),
    )
    assert bool(apply(MAPPING, event).deliveries) == (agreement(value, {"c"}) is True)
