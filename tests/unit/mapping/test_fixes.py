"""Each fix, followed to the letter, repairs the file: the edit that a problem carries is made, until the file is clean.

The table holds mistakes that people make, each as a change of a good mapping. What only a person can know has no edit,
and stands in a list of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge
from bridge.hooks.folder import judge, load_presets
from bridge.model import Severity

if TYPE_CHECKING:
    from bridge.model import Problem

ROOT = Path(bridge.__file__).parent.parent
PRESETS = load_presets()
GOOD = """\
preset: tally
secrets: {signing: TALLY_SECRET}
consent: {answer: May we write to you?}
lead:
  Lead Email: contact.email
  Phone: {answer: Phone}
actions:
  - subscribe: {list: Newsletter}
"""
PHONE, EMAIL, ACTION = "  Phone: {answer: Phone}", "  Lead Email: contact.email", "  - subscribe: {list: Newsletter}"
CONSENT, SECRETS = "consent: {answer: May we write to you?}", "secrets: {signing: TALLY_SECRET}"
LEAD = f"lead:\n{EMAIL}\n{PHONE}\n"

MISTAKES = [
    (PHONE, "  Phone: {answer: What is your phone: number?, as: phone}"),
    (PHONE, "  Phone: {answer: What is your phone: number?}"),
    (PHONE, "  Phone: {as: phone, answer: What is your phone: number?}"),
    (PHONE, "  Phone: {first_of: [{answer: One: two}, {answer: Three}]}"),
    (PHONE, "  Phone: {answer: Mobile number; as: phone}"),
    (PHONE, "  Phone: {answer: Mobile; as: phone; country: GB}"),
    (PHONE, "  Phone: {answer: Your phone, please, as: phone}"),
    (PHONE, "  Phone: {answer: Phone #2, as: phone}"),
    (PHONE, "  Phone: {answer: Phone #2}"),
    (PHONE, "  Phone:\n    answer: Phone: home"),
    (PHONE, "  Phone: {answer: [Work phone, Phone]}"),
    (PHONE, "  Phone: {answer: [Work phone, 'Phone, private'], as: phone}"),
    (PHONE, "  Phone:\n    answer: [Work phone, Phone]\n    as: phone"),
    (PHONE, "  Phone: {answer: x, fallback: Private}"),
    (PHONE, "  Phone: {answer: x, format: phone}"),
    (PHONE, "  Phone: {question: x}"),
    (PHONE, "  Phone: {answer: x, az: phone}"),
    (PHONE, "  Phone: {answer: x, as: fone}"),
    (PHONE, "  Phone: {answer: x, defualt: y}"),
    (PHONE, '  Phone: "{answer: Date of birth, as: date}"'),
    (PHONE, "  Phone: '{value: x}'"),
    (PHONE, "  Phone: {{ contact.phone }}"),
    (PHONE, '  Phone: "{{ contact.phone }}"'),
    (PHONE, "  Phone: {{contact.phone}}"),
    (EMAIL, "  Lead Email: {{ contact.email }}"),
    (EMAIL, "  Lead Email: contact.mail"),
    (EMAIL, "  Lead Email: kontact.email"),
    (EMAIL, "  Email: contact.email"),
    (EMAIL + "\n", ""),
    (LEAD, ""),
    (LEAD, "lead: {Phone: contact.phone}\n"),
    (LEAD, LEAD.replace("  Lead", "  - Lead").replace("  Phone", "  - Phone")),
    (LEAD, "lead: {Lead Email: contact.email Phone: contact.phone}\n"),
    ("lead:\n", "lead\n"),
    ("lead:\n", "leads:\n"),
    ("lead:\n", "fields:\n"),
    ("preset: tally", "preset tally"),
    ("preset: tally", "preset:tally"),
    ("preset: tally", "preset: taly"),
    ("preset: tally", "preset: Tally"),
    ("preset: tally", "sender: tally"),
    (PHONE, "\tPhone: {answer: Phone}"),
    (PHONE, "  Phone:\n\t\tanswer: Phone"),
    (f"{EMAIL}\n{PHONE}", "\tLead Email: contact.email\n\tPhone: {answer: Phone}"),
    (PHONE, '  Phone: {answer: "Phone}'),
    (PHONE, "  Phone: {answer: 'Phone}"),
    (PHONE, '  Phone: {answer: "Phone, as: phone}'),
    (PHONE, "  Phone: {answer:Phone}"),
    (PHONE, "  Phone:{answer: Phone}"),
    (PHONE, "  Phone:contact.phone"),
    (PHONE, "  Phone: {answer: Phone"),
    (PHONE, "  Phone: {first_of: [{answer: Phone}, {answer: Other}"),
    (PHONE, "  Phone: {first_of: [{answer: Phone}, {answer: Other}}"),
    (PHONE, "  Phone: {answer: Phone}}"),
    (PHONE, "    Phone: {answer: Phone}"),
    (PHONE, " Phone: {answer: Phone}"),
    (PHONE, "  Phone: @phone"),
    (PHONE, "  Phone: %phone"),
    (PHONE, "  Phone: My phone number"),
    (PHONE, "  Phone: Phone?"),
    (PHONE, '  Phone: "a" b'),
    (PHONE, "  Phone: answer: Phone"),
    (PHONE, "  Phone: {answer: Phone}\n  Phone: {answer: Other}"),
    (PHONE, "  Phone: {answer: Phone, answer: Other}"),
    (PHONE, "  Phone: {answer: Phone, as: phone, country: Germany}"),
    (PHONE, "  Phone: {answer: Phone, as: date, zone: Kolkata}"),
    (PHONE, "  Phone: {answer: Phone, as: date, zone: new york}"),
    (PHONE, "  Phone: {answer: Phone, lookup: yes}"),
    (PHONE, "  Phone: {answer: Phone, when: Country}"),
    (PHONE, "  Phone: {answer: Phone, required: yes}"),
    (PHONE, "  Phone: {first_of: contact.phone}"),
    (PHONE, "  Phone: {value: [a, b]}"),
    (PHONE, "  Phone: {from: My phone}"),
    (PHONE, "  Phone:"),
    (CONSENT, "consent: true"),
    (CONSENT, "consent: yes"),
    (CONSENT, "consent: May we write to you?"),
    (CONSENT, "consent: {answer: May we write to you?, contain: yes}"),
    (CONSENT + "\n", ""),
    (SECRETS, "secrets: TALLY_SECRET"),
    (SECRETS, "secrets: {signing: s3cr3t-v4lue}"),
    (SECRETS, "secrets: {token: TALLY_SECRET}"),
    (SECRETS, "secrets:\n  signing: s3cr3t-v4lue"),
    (SECRETS + "\n", ""),
    (ACTION, "  - subscribe: Newsletter"),
    (ACTION, "  - subscribe: News and more"),
    (ACTION, "  - subscribe"),
    (ACTION, "  subscribe: {list: Newsletter}"),
    (ACTION, "  subscribe: {list: Newsletter}\n  trigger: {journey: Welcome}"),
    ("actions:\n" + ACTION, "actions: {subscribe: {list: Newsletter}}"),
    (ACTION, "  - subscribed: {list: Newsletter}"),
    (ACTION, "  - subscribe: {lists: Newsletter}"),
    (ACTION, "  - subscribe: {list: [Newsletter, Webinar]}"),
    (ACTION, "  - subscribe: {list: [Newsletter, Webinar], sources: Website}"),
    (ACTION, "  - subscribe:\n      list: [Newsletter, Webinar]\n      sources: Website"),
    (ACTION, "  - subscribe:\n      list:\n        - Newsletter\n        - Webinar"),
    (ACTION, f"{ACTION}\n  - trigger: Welcome"),
    (ACTION, f"{ACTION}\n  - trigger: {{journey: [Welcome, Webinar]}}"),
    (ACTION, "  - subscribe: {list: Newsletter, when: Country}"),
    (ACTION, "  - subscribe: {list: Newsletter, wenn: {answer: Country, is: India}}"),
    ("preset: tally", "preset: tally\nlive: yes"),
    ("preset: tally", "preset: tally\nlive: nope"),
    ("preset: tally", "preset: tally\nlife: false"),
    ("preset: tally", "preset: tally\naccept: submission"),
    ("preset: tally", "preset: tally\naccept: [submision]"),
    (f"preset: tally\n{SECRETS}", "preset: elementor\nsecrets: {token: ELEMENTOR_TOKEN}"),
]
"""What was right, and what was written instead."""

NAMES = [wrong.strip() or f"without {right.split()[0]}" for right, wrong in MISTAKES]

ONLY_A_PERSON_KNOWS = [
    ("preset: tally\n", ""),
    ("preset: tally", "preset: qqqq"),
    (PHONE, "  Phone: {answer: Phone, frobnicate: yes}"),
    (PHONE, "  Phone: {answer: Phone, as: qqqq}"),
    (ACTION, f"{ACTION}\n  - trigger: {{journey: Welcome, list: Newsletter, on_doubt: qqqq}}"),
]


def errors(text: str) -> list[Problem]:
    return [
        one
        for one in judge(text, name="form", file="form.yaml", presets=PRESETS).problems
        if one.severity is Severity.ERROR
    ]


def followed(text: str) -> tuple[str, list[Problem]]:
    """The text after the first fix was followed again and again, and the errors that are left without one."""
    for _ in range(12):
        found = errors(text)
        edit = next((one.edit for one in found if one.edit is not None), None)
        if edit is None:
            return text, found
        changed = edit.apply(text)
        assert changed != text, found
        text = changed
    raise AssertionError(f"no end: {text}\n{errors(text)}")


def test_the_good_mapping_is_good() -> None:
    assert errors(GOOD) == []


@pytest.mark.parametrize(("right", "wrong"), MISTAKES, ids=NAMES)
def test_a_fix_that_is_followed_repairs_the_file(right: str, wrong: str) -> None:
    assert right in GOOD
    broken = GOOD.replace(right, wrong)
    assert errors(broken), "this is no mistake"
    text, left = followed(broken)
    assert left == [], text


@pytest.mark.parametrize(("right", "wrong"), MISTAKES, ids=NAMES)
def test_every_fix_alone_ends_its_problem(right: str, wrong: str) -> None:
    broken = GOOD.replace(right, wrong)
    for problem in errors(broken):
        if problem.edit is not None:
            then = errors(problem.edit.apply(broken))
            assert (problem.code, problem.path, problem.line) not in {(one.code, one.path, one.line) for one in then}


def test_no_fix_shows_what_may_be_a_secret() -> None:
    for right, wrong in MISTAKES:
        for problem in errors(GOOD.replace(right, wrong)):
            assert "s3cr3t" not in str(problem.as_json())


@pytest.mark.parametrize(("right", "wrong"), ONLY_A_PERSON_KNOWS)
def test_what_only_a_person_knows_is_named_with_what_there_is(right: str, wrong: str) -> None:
    _, left = followed(GOOD.replace(right, wrong))
    assert len(left) == 1
    assert left[0].fix
    assert "..." not in left[0].fix


EXAMPLES = [path.read_text() for path in sorted((ROOT / "examples").glob("*.yaml")) if "examples" not in path.name]
SLIPS = [
    (": ", ":"),
    ("}", ""),
    ("}", "}}"),
    ("{", ""),
    (", ", "; "),
    ("  ", "\t"),
    ("  ", " "),
    ("  ", "   "),
    ('"', ""),
    ("]", ""),
]


@given(st.sampled_from([*EXAMPLES, GOOD]), st.sampled_from(SLIPS), st.integers(min_value=0, max_value=60))
def test_following_fixes_comes_to_an_end_and_breaks_nothing_else(text: str, slip: tuple[str, str], number: int) -> None:
    places = [place for place in range(len(text)) if text.startswith(slip[0], place)]
    if not places:
        return
    place = places[number % len(places)]
    broken = text[:place] + slip[1] + text[place + len(slip[0]) :]
    repaired, left = followed(broken)
    assert all(one.code != "internal" for one in left)
    assert all(one.fix for one in left)
    lines = len(broken.splitlines())
    assert abs(len(repaired.splitlines()) - lines) <= 4
