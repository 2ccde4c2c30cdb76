"""What is checked when a mapping is loaded, and how it is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.mapping.compile import load_mapping
from bridge.model import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.mapping.hook_mapping import HookMapping
    from bridge.model import Problem

BASE = """\
preset: json
verify: none
consent: {not_asked: a test}
lead:
  Lead Email: contact.email
"""
ACTIONS = """\
actions:
  - subscribe: {list: Newsletter}
"""


def codes(problems: list[Problem]) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in problems]


def test_all_problems_come_at_once_each_with_its_place(problems_of: Callable[[str], list[Problem]]) -> None:
    problems = problems_of("""\
        preset: typefrom
        secrts: {}
        live: yes
        consent: {answer: x, is_not: no}
        lead:
          Email: contcat.email
          First Name: Typeform
          Last Name: {answer: Your name, nmae: rest}
          Company Name: {answer: Company, if any}
          Phone: {answer: Phone, as: fone, country: India}
          Score: 5
          Region: {answer: a, from: body.x}
        actions:
          - subscribe: {lst: Newsletter}
          - trigger: {journeykey: 12e4}
        """)
    assert codes(problems) == [
        (1, "unknown_preset"),
        (2, "unknown_key"),
        (3, "wrong_type"),
        (4, "weak_consent"),
        (6, "no_address"),
        (6, "not_a_path"),
        (7, "not_a_path"),
        (8, "unknown_key"),
        (9, "unquoted_comma"),
        (10, "unknown_choice"),
        (10, "bad_value"),
        (11, "wrong_type"),
        (12, "two_sources"),
        (14, "unknown_key"),
        (15, "no_journey"),
    ]
    fixes = {problem.line: problem.fix for problem in reversed(problems)}
    assert fixes[1] == "did you mean 'typeform'?"
    assert fixes[2] == "did you mean 'secrets'?"
    assert fixes[3] == "write live: true"
    assert fixes[8] == "did you mean 'name'?"
    assert fixes[11] == "write Score: {value: 5}"
    assert fixes[14] == "did you mean 'list'?"
    assert all(problem.file == "mappings/test.yaml" and problem.column for problem in problems)


def test_a_bare_text_that_is_no_path_says_how_to_write_fixed_text(problems_of: Callable[[str], list[Problem]]) -> None:
    (problem,) = problems_of(f"{BASE}  Source: Typeform\n{ACTIONS}")
    assert problem.message == "'Typeform' is read as a path; for fixed text write {value: Typeform}"
    assert (problem.line, problem.column, problem.path, problem.value) == (6, 11, "lead.Source", "Typeform")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("secrets: {signing: whsec_4Fk2}", "secret_value"),
        ("secrets: whsec_4Fk2", "secret_value"),
        ("secrets: {whsec_4Fk2: X}", "secret_value"),
        ("secrets: {signing: [GOOD, whsec_4Fk2]}", "secret_value"),
        ("secrets: {signing: {a: whsec_4Fk2}}", "secret_value"),
    ],
)
def test_a_secret_in_the_place_of_its_name_is_refused_and_not_shown(
    problems_of: Callable[[str], list[Problem]], change: str, code: str
) -> None:
    problems = problems_of(f"{BASE}{change}\n{ACTIONS}")
    assert [problem.code for problem in problems] == [code]
    assert "whsec" not in str([problem.as_json() for problem in problems])


@pytest.mark.parametrize(
    "change",
    [
        *(f"secrets: {{token: {name}}}" for name in ("ZOHO_REFRESH_TOKEN", "LEADBRIDGE_DATABASE_URL", "PATH")),
        "secrets: {token: [GOOD, ZOHO_ACME_CLIENT_SECRET]}",
    ],
)
def test_a_mapping_cannot_name_the_services_own_settings(
    problems_of: Callable[[str], list[Problem]], change: str
) -> None:
    (problem,) = problems_of(f"{BASE}{change}\n{ACTIONS}")
    assert problem.code == "refused_secret"
    assert problem.line


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{BASE}{ACTIONS}".replace("verify: none\n", ""), "no_verify"),
        (
            f"{BASE}{ACTIONS}".replace("preset: json", "preset: typeform").replace("verify: none\n", ""),
            "missing_secret",
        ),
        (f"{BASE}{ACTIONS}".replace("consent: {not_asked: a test}\n", ""), "no_consent_rule"),
        (f"{BASE}{ACTIONS}".replace("Lead Email", "lead email"), "no_address"),
        (f"{BASE}accept: [submission, deletion]\n{ACTIONS}", "never_a_lead"),
        (f"{BASE}schema: {{$ref: 'https://example.com/s.json'}}\n{ACTIONS}", "schema_reference"),
        (f"{BASE}schema: {{type: bogus}}\n{ACTIONS}", "bad_schema"),
        (f"{BASE}  X: {{from: body.a, as: phone, country: XX}}\n{ACTIONS}", "unknown_country"),
        (f"{BASE}  X: {{from: body.a, as: date, zone: Mars/Base}}\n{ACTIONS}", "unknown_zone"),
        (f"{BASE}  X: {{from: body.a, country: IN}}\n{ACTIONS}", "stray_verb"),
        (f"{BASE}  X: {{from: body.a, lookup: {{a: b}}, unmatched: leave-out}}\n{ACTIONS}", "unmatched_word"),
        (f"{BASE}  X: {{from: body.a, lookup: {{a: b, A: c}}}}\n{ACTIONS}", "duplicate_key"),
        (f"{BASE}  X: 'body[?'\n{ACTIONS}", "bad_path"),
        (f"{BASE}  X: {{value: ~}}\n{ACTIONS}", "empty"),
        (f"{BASE}  X: answer:email\n{ACTIONS}", "not_a_path"),
        (f"{BASE}  LEAD EMAIL: body.a\n{ACTIONS}", "twin_field"),
        (f"{BASE}  {'x' * 256}: body.a\n{ACTIONS}", "field_name"),
        (f"{BASE}actions:\n  - subscribe: {{list: A, fields: {{' City': body.x}}}}\n", "field_name"),
        (f"{BASE}when: {{answer: a}}\n{ACTIONS}", "no_test"),
        (f"{BASE}when: body.a\n{ACTIONS}", "wrong_type"),
        (f"{BASE}when: {{answer: a, is: b, in: [c]}}\n{ACTIONS}", "two_tests"),
        (f"{BASE}when: {{any: [{{answer: a, is: b}}], answer: c}}\n{ACTIONS}", "any_alone"),
        (f"{BASE}actions:\n  - subscribe: {{list: A, listkey: B}}\n", "two_targets"),
        (f"{BASE}actions:\n  - subscribe: {{sources: A}}\n", "no_list"),
        (f"{BASE}actions:\n  - trigger: {{journey: A}}\n", "no_list"),
        (f"{BASE}actions:\n  - trigger: {{list: A, journey: B, triggerkey: C}}\n", "two_targets"),
        (f"{BASE}actions:\n  - subscribe: {{list: A, without: [Lead Email]}}\n", "without_address"),
        (f"{BASE}actions:\n  - subscribe: {{list: A, without: [Phone]}}\n", "unknown_field"),
        (f"{BASE}actions:\n  - subscribe: {{list: A, fields: {{Lead Email: body.x}}}}\n", "address_in_fields"),
        (f"{BASE}actions:\n  - subscribe: {{list: A}}\n    trigger: {{journey: B}}\n", "two_actions"),
        (f"{BASE}actions:\n  - subscribe: {{list: A, on_doubt: retry}}\n", "unknown_choice"),
        (f"{BASE}actions:\n  - subscribe: {{list: A, sources: tracking.utm_source}}\n", "looks_like_path"),
        ("- a\n", "not_a_mapping"),
        ("", "not_a_mapping"),
    ],
)
def test_a_error_is_one_problem_with_its_code(
    problems_of: Callable[[str], list[Problem]], text: str, code: str
) -> None:
    problems = problems_of(text)
    assert [problem.code for problem in problems] == [code]
    assert problems[0].fix
    assert problems[0].line


@pytest.mark.parametrize(
    "consent",
    [
        "{answer: a, is_not: no}",
        "{answer: a, agreed: false}",
        "{answer: a, present: false}",
        '{answer: a, is: ""}',
        "{answer: a, is: false}",
        '{answer: a, contains: ""}',
        '{answer: a, in: [yes, ""]}',
        "{any: [{answer: a}, {answer: b, is_not: no}]}",
    ],
)
def test_a_consent_that_holds_for_people_who_agreed_to_nothing_is_refused(
    problems_of: Callable[[str], list[Problem]], consent: str
) -> None:
    problems = problems_of(f"{BASE}{ACTIONS}".replace("{not_asked: a test}", consent))
    assert [problem.code for problem in problems] == ["weak_consent"]


def test_a_mapping_without_actions_is_only_warned_about(problems_of: Callable[[str], list[Problem]]) -> None:
    (problem,) = problems_of("preset: json\nverify: none\n")
    assert (problem.code, problem.severity) == ("no_actions", Severity.WARNING)


def test_a_loaded_mapping_reports_what_the_others_need(mapping_of: Callable[[str], HookMapping]) -> None:
    mapping = mapping_of(f"""\
preset: json
verify: {{header_token: X-Api-Key}}
secrets: {{token: [NEW_KEY, OLD_KEY]}}
live: false
refuse_with_422: true
accept: [test]
consent: {{answer: May we?}}
lead:
  Lead Email: {{answer: email}}
  Region: {{header: X-Region, required: true, case: upper, lookup: {{a: b}}}}
{ACTIONS}""")
    assert mapping.verify == {"header_token": "X-Api-Key"}
    assert mapping.secrets == {"token": ("NEW_KEY", "OLD_KEY")}
    assert (mapping.live, mapping.refuse_with_422, mapping.accept) == (False, True, frozenset({Kind.TEST}))
    assert mapping.questions == ("email", "May we?")
    assert mapping.headers == {"x-region"}
    assert mapping.order["Region"] == ("lookup", "case: upper", "required: True")


def test_a_hooks_name_must_fit_an_address() -> None:
    _, problems = load_mapping(f"{BASE}{ACTIONS}", file="a b.yaml", name="a b", presets={})
    assert "hook_name" in [problem.code for problem in problems]
