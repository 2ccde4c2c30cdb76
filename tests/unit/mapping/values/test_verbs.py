"""Each verb, through a field of a real mapping: what it gives, and what its failure does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.mapping.apply import apply
from bridge.mapping.mapped import Mapped
from bridge.mapping.values.names import parts
from bridge.mapping.values.verbs import VERBS
from bridge.model import EventState

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping.hook_mapping import HookMapping
    from bridge.model import Event

    Lead = Callable[[str], HookMapping]
    Make = Callable[..., Event]


def leadinfo(mapped: Mapped) -> dict[str, str]:
    (action,) = mapped.actions
    assert action.leadinfo is not None
    return dict(action.leadinfo)


@pytest.mark.parametrize(
    ("field", "value", "sent"),
    [
        ("body.x", "  Ada  ", "Ada"),
        ("body.x", 5, "5"),
        ("body.x", 2.0, "2"),
        ("body.x", True, "true"),
        ("body.x", 9007199254740993123, "9007199254740993123"),
        ("body.x", ["a", "", None, "b"], "a, b"),
        ("body.x", "\x00Ada\ud800\u200b", "Ada"),
        ("{value: 007}", None, "007"),
        ("{from: body.x, parse: json, take: [a, 0]}", '{"a": ["b"]}', "b"),
        ("{from: body.x, parse: list, join: ;}", "||a||b||", "a;b"),
        ("{from: body.x, parse: list}", '["a", "b"]', "a, b"),
        ("{from: body.x, where: {primary: true}, take: [first, value]}", [{"primary": False, "value": "a"},
            {"primary": True, "value": "b"}], "b"),
        ("{from: body.x, take: last}", ["a", "b"], "b"),
        ("{from: body.x, take: last}", {"first": "Ada", "last": "Lovelace"}, "Lovelace"),
        ("{from: body.x, take: name}", [{"name": "a"}, {"name": "b"}], "a, b"),
        ("{from: body.x, split: /}", "a / b //c", "a, b, c"),
        ("{from: body.x, name: last}", "Ada King de la Cruz", "de la Cruz"),
        ("{from: body.x, lookup: {a: One, b: Two}}", ["A", "b"], "One, Two"),
        ("{from: body.x, lookup: {true: Yes}}", True, "Yes"),
        ("{from: body.x, lookup: {1: One}}", 1, "One"),
        ("{from: body.x, lookup: {a: One}, unmatched: keep}", "z", "z"),
        ("{from: body.x, lookup: {a: One}, unmatched: Other}", "z", "Other"),
        ("{from: body.x, lookup: {a: One}, unmatched: {value: keep}}", "z", "keep"),
        ("{from: body.x, replace: {-: ' ', x: y}}", "a-x", "a y"),
        ("{from: body.x, as: phone, country: IN}", "098765 43210", "+919876543210"),
        ("{from: body.x, as: phone, country: BR}", "(11) 91234-5678", "+5511912345678"),
        ("{from: body.x, as: phone}", "0044 20 7946 0958", "+442079460958"),
        ("{from: body.x, as: phone, country: IN}", 9876543210, "+919876543210"),
        ("{from: 'body.x[0]', as: phone, country: {from: 'body.x[1]'}}", ["020 7946 0958", "UK"], "+442079460958"),
        ("{from: 'body.x[0]', as: phone, country: {from: 'body.x[1]', default: GB}}", ["020 7946 0958", "?"],
            "+442079460958"),
        ("{from: body.x, as: date}", "2026-03-04T23:30:00.123456Z", "03/04/2026"),
        ("{from: body.x, as: date, zone: Asia/Kolkata}", "2026-03-04T23:30:00Z", "03/05/2026"),
        ("{from: body.x, as: date}", 1772665200, "03/04/2026"),
        ("{from: body.x, as: datetime, zone: UTC}", 1772665200000, "03/04/2026 23:00:00"),
        ("{from: body.x, as: date, read: day_first}", "03/04/2025", "04/03/2025"),
        ("{from: body.x, as: date, read: month_first}", "03/04/2025", "03/04/2025"),
        ("{from: body.x, as: date}", "24/12/2026 13:05:00", "12/24/2026"),
        ("{from: body.x, as: date}", "15 mars 2026", "03/15/2026"),
        ("{from: body.x, as: datetime}", "2026-03-04 15:00:00", "03/04/2026 15:00:00"),
        ("{from: body.x, as: number}", "1,234,567.50", "1234567.5"),
        ("{from: body.x, as: number, read: decimal_comma}", "1.234,5", "1234.5"),
        ("{from: body.x, as: integer}", "42.0", "42"),
        ("{from: body.x, as: boolean}", "Yes", "true"),
        ("{from: body.x, as: boolean}", 0, "false"),
        ("{from: body.x, as: email}", "Ada@Example.com", "Ada@Example.com"),
        ("{from: body.x, case: title}", "ada LOVELACE", "Ada Lovelace"),
        ("{from: body.x, case: upper}", "ada", "ADA"),
        ("{from: body.x, cut: 3}", "Adalbert", "Ada"),
        ("{from: body.x, default: none}", " ", "none"),
        ("{first_of: [{from: body.y}, {from: body.x}]}", "a", "a"),
        ("{from: 'body.x[?ok].v | [0]'}", [{"ok": False, "v": 1}, {"ok": True, "v": 2}], "2"),
        ("{from: 'body[\"x\"]'}", "a", "a"),
        ("{from: body.x, when: {from: body.x, is: a}}", "a", "a"),
    ],
)  # fmt: skip
def test_a_field_sends_its_value_in_the_form_asked_for(
    lead_mapping: Lead, event_of: Make, field: str, value: Any, sent: str
) -> None:
    mapped = apply(lead_mapping(field), event_of(body={"x": value}))
    assert leadinfo(mapped) == {"Lead Email": "ada@example.com", "X": sent}
    assert mapped.warnings == ()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("{from: body.x, parse: json}", "{", "cannot_parse"),
        ("{from: body.x, lookup: {a: One}}", "z", "unmatched"),
        ("{from: body.x, as: phone}", "020 7946 0958", "bad_phone"),
        ("{from: body.x, as: phone, country: US}", "1-800-FLOWERS", "bad_phone"),
        ("{from: body.x, as: phone, country: IN}", "12", "bad_phone"),
        ("{from: body.x, as: phone, country: {from: body.x}}", "020 7946 0958", "bad_phone"),
        ("{from: body.x, as: date}", "03/04/2025", "ambiguous_date"),
        ("{from: body.x, as: date}", "soon", "bad_date"),
        ("{from: body.x, as: date}", "March 2026", "bad_date"),
        ("{from: body.x, as: date}", True, "bad_date"),
        ("{from: body.x, as: date}", 1e300, "bad_date"),
        ("{from: body.x, as: number}", "1,234", "ambiguous_number"),
        ("{from: body.x, as: number}", "NaN", "bad_number"),
        ("{from: body.x, as: integer}", "1.5", "bad_number"),
        ("{from: body.x, as: boolean}", "maybe", "bad_boolean"),
        ("{from: body.x, as: email}", "nobody", "bad_email"),
        ("body.x", {"a": 1}, "not_text"),
        ("body.x", [["a"]], "not_text"),
        ("body.x", "a" * 32_001, "too_long"),
    ],
)
def test_a_value_that_cannot_be_shaped_is_left_out_with_a_warning_and_the_lead_goes(
    lead_mapping: Lead, event_of: Make, field: str, value: Any, code: str
) -> None:
    mapped = apply(lead_mapping(field), event_of(body={"x": value}))
    assert mapped.state is EventState.ACCEPTED
    assert leadinfo(mapped) == {"Lead Email": "ada@example.com"}
    assert [(warning.code, warning.path, warning.line) for warning in mapped.warnings] == [(code, "lead.X", 6)]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("{from: body.x, required: true}", None, "required"),
        ("{from: body.x, as: phone, required: true}", "abc", "bad_phone"),
        ("{from: body.x, lookup: {a: b}, unmatched: refuse}", "z", "unmatched"),
    ],
)
def test_only_a_required_field_refuses_the_event(
    lead_mapping: Lead, event_of: Make, field: str, value: Any, code: str
) -> None:
    mapped = apply(lead_mapping(field), event_of(body={"x": value}))
    assert (mapped.state, mapped.reason, mapped.deliveries) == (EventState.REFUSED, code, ())
    assert mapped.problems[0].message.startswith("X ")


@pytest.mark.parametrize("value", [None, "", "  ", [], {}, ["", None], "\u200b\ufeff", "\x00"])
def test_a_blank_is_never_sent(lead_mapping: Lead, event_of: Make, value: Any) -> None:
    mapped = apply(lead_mapping("body.x"), event_of(body={"x": value}))
    assert leadinfo(mapped) == {"Lead Email": "ada@example.com"}
    assert mapped.warnings == ()


def test_a_lookup_miss_is_not_blank_so_the_default_does_not_fire(lead_mapping: Lead, event_of: Make) -> None:
    mapped = apply(lead_mapping("{from: body.x, lookup: {a: b}, default: c}"), event_of(body={"x": "z"}))
    assert "X" not in leadinfo(mapped)


def test_verbs_run_in_the_tables_order_whatever_order_they_are_written_in(lead_mapping: Lead, event_of: Make) -> None:
    event = event_of(body={"x": "a-b"})
    one = apply(lead_mapping("{from: body.x, split: '-', lookup: {a: one, b: two}, case: upper, join: +}"), event)
    other = apply(lead_mapping("{join: +, case: upper, lookup: {a: one, b: two}, split: '-', from: body.x}"), event)
    assert leadinfo(one) == leadinfo(other) == {"Lead Email": "ada@example.com", "X": "ONE+TWO"}


def test_a_replacement_that_would_grow_without_bound_is_left_out(lead_mapping: Lead, event_of: Make) -> None:
    field = "{from: body.x, replace: {a: " + "b" * 5000 + "}}"
    mapped = apply(lead_mapping(field), event_of(body={"x": "a" * 5000}))
    assert [warning.code for warning in mapped.warnings] == ["too_long"]


@pytest.mark.parametrize(
    ("name", "first", "last", "rest"),
    [
        ("Ada Lovelace", "Ada", "Lovelace", "Lovelace"),
        ("Madonna", "Madonna", "", ""),
        ("Ada King Lovelace", "Ada", "Lovelace", "King Lovelace"),
        ("Juan de la Cruz", "Juan", "de la Cruz", "de la Cruz"),
        ("Lovelace, Ada", "Ada", "Lovelace", "Lovelace"),
        ("Dr. Ada Lovelace", "Ada", "Lovelace", "Lovelace"),
        ("  Ada   Lovelace ", "Ada", "Lovelace", "Lovelace"),
        ("Jean-Paul O'Neill", "Jean-Paul", "O'Neill", "O'Neill"),
    ],
)
def test_a_full_name_is_split(name: str, first: str, last: str, rest: str) -> None:
    assert parts(name) == (first, last, rest)


def test_every_verb_is_documented_and_belongs_to_one_that_exists() -> None:
    names = {verb.name for verb in VERBS}
    for verb in VERBS:
        assert verb.doc
        assert verb.gives
        assert verb.belongs_to in names | {""}
