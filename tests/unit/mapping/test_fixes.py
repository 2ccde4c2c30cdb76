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

WHEN = "    when: {answer: Phone, present: true}"
MISTAKES = [
    (ACTION, f"{ACTION}\n{WHEN}"),
    (ACTION, f"{ACTION}\n  - tag: VIP\n{WHEN}"),
    (ACTION, f"{ACTION}\n  - do_not_mail: true\n{WHEN}"),
    (ACTION, f"{ACTION}\n  - {{untag: VIP, on_doubt: hold}}"),
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

MISTAKES += [
    (PHONE, "  Phone: \u201ePhone\u201c"),
    (PHONE, "  Phone: {antwort: Telefon}"),
    (PHONE, "  Phone: {answer: Rückruf-Nummer, als: phone}"),
    (PHONE, "  Phone: {{1.phone}}"),
    (PHONE, "  Phone: {{ $json.phone }}"),
    (PHONE, '  Phone: "={{ $json.body.phone }}"'),
    (PHONE, "  Phone: $json.phone"),
    (PHONE, "  Phone: {{ contact.phone | upcase }}"),
    (PHONE, "  Phone: {% contact.phone %}"),
    (PHONE, "  Phone: ${contact.phone}"),
    (PHONE, "  Phone: ${PHONE}"),
    (PHONE, "  Phone: [contact.phone]"),
    (PHONE, "  Phone = {answer: Phone}"),
    (PHONE, "  Phone; {answer: Phone}"),
    (PHONE, "  - Phone: {answer: Phone}"),
    (PHONE, "  Phone: (answer: Phone)"),
    (PHONE, "  Phone: [answer: Phone]"),
    (PHONE, "  Phone: {answer = Phone}"),
    (PHONE, "  Phone: { answer: Phone,, as: phone }"),
    (PHONE, "  Phone: {answer: Phone, as: telephone}"),
    (PHONE, "  Phone: {answer: Phone, as: string}"),
    (PHONE, "  Phone: {answer: Phone, type: phone}"),
    (PHONE, "  Phone: {answer: Phone, as: [text, phone]}"),
    (PHONE, "  Phone: {answer: Phone, name: firstname}"),
    (PHONE, "  Phone: {answer: Phone, read: dayfirst}"),
    (PHONE, "  Phone: {answer: Phone, as: date, read: dd/mm/yyyy}"),
    (PHONE, "  Phone: {answer: Phone, as: date, format: dd.mm.yyyy}"),
    (PHONE, "  Phone: {answer: Phone, default: }"),
    (PHONE, "  Phone: {answer: Phone, lookup: {Ja: Yes, Nein: No}, else: Maybe}"),
    (PHONE, "  Phone: {answer: Phone, case: uppercase}"),
    (PHONE, "  Phone: {answer: Phone, country: '+44'}"),
    (PHONE, "  Phone: {answer: Phone, country: gb}"),
    (PHONE, "  Phone: {answer: Phone, required: 1}"),
    (PHONE, "  Phone: {answer: Phone, when: {answer: x, equals: y}}"),
    (PHONE, "  Phone: {answer: Phone, when: {answer: x, is not: y}}"),
    (PHONE, "  Phone: {answer: Phone, when: {answer: x, in: India}}"),
    (PHONE, "  Phone: {answer: Phone, when: x == y}"),
    (PHONE, "  Phone: {answer: Phone, when: {answer: x, present: yes}}"),
    (PHONE, "  Phone:\n  answer: Phone"),
    (PHONE, "   Phone: {answer: Phone}"),
    (PHONE, "Phone: {answer: Phone}"),
    (PHONE, "  Phone: {answer: Phone}\n   as: phone"),
    (PHONE, "  Phone:\n    - answer: Phone"),
    (PHONE, "  Phone:\n    answer: Phone\n   as: phone"),
    (PHONE, "  Phone:\n    answer Phone"),
    (PHONE, "  \xa0Phone: {answer: Phone}"),
    (PHONE, "  Phone:\xa0{answer: Phone}"),
    (PHONE, "  Phone: {answer:\xa0Phone}"),
    (PHONE, "  Phone\uff1a {answer: Phone}"),
    (PHONE, "  Phone: {from: contact.Phone}"),
    (PHONE, "  Phone: {from: body.form response.phone}"),
    (PHONE, "  Phone: {header: X-Phone, query: phone}"),
    (PHONE, "  Phone: {answer: Phone, from: contact.phone}"),
    (PHONE, "  Phone: yes"),
    (PHONE, "  Phone: 123"),
    (PHONE, "  Phone: 'It's the phone'"),
    (PHONE, "  Phone: {answer: 'What's your phone?'}"),
    (PHONE, "  Phone: {answer: *Phone}"),
    (PHONE, "  Phone: {answer: *Phone*}"),
    (PHONE, "  Phone: {answer: !Phone}"),
    (PHONE, "  Phone: {answer: | Phone}"),
    (PHONE, "  Phone: {answer: `Phone`}"),
    (PHONE, "  Phone: {answer: [Phone]}"),
    (PHONE, "  Phone: {answer: Phone (mobile), as: phone"),
    (CONSENT, "consent: {answer: May we write to you?, is: yes"),
    (CONSENT, "consent: none"),
    (CONSENT, "consent: false"),
    (CONSENT, "consent: not_asked"),
    (CONSENT, "consent: {answer: May we write to you?, agreed: ja}"),
    (CONSENT, "consent: {answer: May we write to you?, equals: ja}"),
    (CONSENT, "consent: [May we write to you?]"),
    (CONSENT, "Consent: {answer: May we write to you?}"),
    (CONSENT, "CONSENT: {answer: May we write to you?}"),
    (CONSENT, "consent: {question: May we write to you?}"),
    (SECRETS, "secret: {signing: TALLY_SECRET}"),
    (SECRETS, "secrets: {signing: tally_secret}"),
    (SECRETS, "secrets: {signing: $TALLY_SECRET}"),
    (SECRETS, "secrets: {signing: TALLY-SECRET}"),
    (SECRETS, "secrets: {signing: TALLY SECRET}"),
    (SECRETS, "secrets: {signing: secrets/TALLY_SECRET}"),
    (SECRETS, "secrets: {signature: TALLY_SECRET}"),
    (SECRETS, "secrets: {Signing: TALLY_SECRET}"),
    (SECRETS, "secrets: [TALLY_SECRET]"),
    (SECRETS, "secrets:\n  - signing: TALLY_SECRET"),
    (ACTION, "  - subscribe:\n    list: Newsletter"),
    (ACTION, "  - subscribe:\n  list: Newsletter"),
    (ACTION, "  - add_to_list: Newsletter"),
    (ACTION, "  - list: Newsletter"),
    (ACTION, "  - Subscribe: {list: Newsletter}"),
    (ACTION, "  -subscribe: {list: Newsletter}"),
    (ACTION, "  * subscribe: {list: Newsletter}"),
    (ACTION, "  \u2022 subscribe: {list: Newsletter}"),
    (ACTION, "  \u2013 subscribe: {list: Newsletter}"),
    (ACTION, "  1. subscribe: {list: Newsletter}"),
    (ACTION, "  - subscribe: {list: Newsletter}\n    trigger: {journey: Welcome}"),
    (ACTION, "  - subscribe: {list: Newsletter}\n - trigger: {journey: Welcome}"),
    (ACTION, "  - tag: [Customer, VIP]"),
    (ACTION, "  - tags: Customer"),
    (ACTION, "  - tag: {name: Customer, create: yes}"),
    (ACTION, "  - unsubscribe: Newsletter"),
    (ACTION, "  - do_not_mail"),
    (ACTION, "  - subscribe: {list: Newsletter, bulk: ja}"),
    (ACTION, "  - subscribe: {list: Newsletter, on_doubt: ask}"),
    (ACTION, "  - subscribe: {list: Newsletter, without: Phone}"),
    (ACTION, "  - subscribe: {list name: Newsletter}"),
    ("actions:\n" + ACTION, "action:\n  - subscribe: {list: Newsletter}"),
    ("actions:\n" + ACTION, "actions:\n- subscribe: {list: Newsletter}\n- trigger: Welcome"),
    ("preset: tally", "preset: tally.so"),
    ("preset: tally", "preset: Tally Forms"),
    ("preset: tally", "preset: type form"),
    ("preset: tally", "preset: [tally]"),
    ("preset: tally", "preset: facebook"),
    ("preset: tally", "preset: hubspot_workflow"),
    ("preset: tally", "preset: webhook"),
    ("preset: tally", "Preset: tally"),
    ("preset: tally", "presets: tally"),
    ("preset: tally", "preset: tally\nlive: 'false'"),
    ("preset: tally", "preset: tally\nlive: off"),
    ("preset: tally", "preset: tally\nlive: draft"),
    ("preset: tally", "preset: tally\naccept: [submission update]"),
    ("preset: tally", "preset: tally\naccept: [submissions]"),
    ("preset: tally", "preset: tally\nverify: token"),
    ("preset: tally", "preset: tally\nverify: {token: X-Token}"),
    ("preset: tally", "preset: tally\nverify: {header: X-Token}"),
    ("preset: tally", "preset: tally\npriority: low"),
    ("preset: tally", "preset: tally\nname: My form"),
    ("preset: tally", "preset: tally\nnote: für Anna"),
    ("preset: tally", "preset: tally\neach: attendees"),
    ("preset: tally", "---\npreset: tally\n---"),
    ("preset: tally", "// our form\npreset: tally"),
    ("preset: tally", "<!-- our form -->\npreset: tally"),
    ("preset: tally", "/* x */\npreset: tally"),
    ("preset: tally", "preset: tally;"),
    ("preset: tally", "preset: tally,"),
    (EMAIL, "  lead email: contact.email"),
    (EMAIL, "  Lead_Email: contact.email"),
    (EMAIL, "  E-Mail: contact.email"),
    (EMAIL, "  Lead Email: ada@example.com"),
    (EMAIL, "  Lead Email: email"),
    (EMAIL, "  Lead Email: Contact.Email"),
    (EMAIL, "  Lead Email: contact.e-mail"),
    (EMAIL, "  Lead Email: {contact.email}"),
    (EMAIL, "  Lead Email: {contact: email}"),
    (EMAIL, "  Lead Email: [email]"),
    (EMAIL, "  Lead Email: %contact.email%"),
    (EMAIL, "  Lead Email: <contact.email>"),
]
"""Spaces, quotes and comments from word processors; templates and words of Zapier, Make, n8n and other languages."""

WITHDRAW = f"{ACTION}\nwithdraw:"
_WHEN = "\n  when: {from: kind, is: unsubscribe}"
MISTAKES += [
    (ACTION, f"{WITHDRAW}{rest}")
    for rest in (
        "\n  - unsubscribe: {list: Newsletter}",
        "\n  - unsubscribe: Newsletter",
        "\n- unsubscribe: {list: Newsletter}\n- do_not_mail",
        "\n  - do_not_mail: true\n  - untag: Customer",
        "\n  - unsubscribe: [Newsletter, Webinar]",
        "\n  - when: {from: kind, is: unsubscribe}\n    actions:\n      - unsubscribe: {list: Newsletter}",
        "\n  unsubscribe: {list: Newsletter}",
        "\n  list: Newsletter",
        "\n  actions:\n    - unsubscribe: {list: Newsletter}",
        f"{_WHEN}",
        f"{_WHEN}\n  unsubscribe: Newsletter",
        f"{_WHEN}\n  actions: unsubscribe",
        f"{_WHEN}\n  actions: {{unsubscribe: {{list: Newsletter}}}}",
        "\n  when: unsubscribe\n  actions:\n    - do_not_mail: true",
        " [unsubscribe: {list: Newsletter}]",
        " [unsubscribe]",
        " {from: kind, is: unsubscribe}",
        " unsubscribe",
        " do_not_mail",
        " Newsletter",
        " true",
    )
]
"""A withdrawal without its condition, without its actions, or with neither key."""

MISTAKES += [
    (ACTION, "  - subscribe: [Newsletter, Webinar]"),
    (ACTION, f"{ACTION}\n  - trigger: [Welcome, Goodbye]"),
    (ACTION, f"{ACTION}\n  - tag: {{name: [A, B], create: true}}"),
    (ACTION, '  - subscribe: "{list: Newsletter}"'),
    (ACTION, '  - "subscribe: {list: Newsletter}"'),
    (ACTION, "  - subscribe: {list: '{answer: pick}'}"),
    (ACTION, "  - subscribe: {list: '{{ body.list }}'}"),
    (ACTION, "  - subscribe: {list: {{ body.list }}}"),
    (ACTION, "  - subscribe: {list: Newsletter, when: '{answer: a, is: b}'}"),
    (ACTION, "  - subscribe: {list: Newsletter, when: {answer: [a, b], is: yes}}"),
    (PHONE, "  Phone: {answer: '{{ Phone }}'}"),
    (PHONE, "  Phone: {value: '{{ contact.phone }}'}"),
    (PHONE, "  Phone: {value: '{answer: Phone}', as: phone}"),
    (PHONE, "  Phone: [[contact.phone]]"),
    (PHONE, "  Phone: {answer: x, mapping: {a: b}}"),
    (PHONE, "  Phone: {answer: x, mandatory: true}"),
    (CONSENT, "consent: {answer: [May we?, Dürfen wir?]}"),
    (CONSENT, "consent: {answer: [May we?, Dürfen wir?], is: yes}"),
    (CONSENT, "consent:\n  answer: [May we?, Dürfen wir?]\n  is: yes"),
    ("actions:\n", "actions =\n"),
]

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


@pytest.mark.parametrize("source", ["{answer: Date of birth, as: date}", "{value: x}", "{first_of: [body.a, body.b]}"])
def test_a_source_in_quotes_loses_them(source: str) -> None:
    broken = GOOD.replace(PHONE, f'  Phone: "{source}"')
    (problem,) = errors(broken)
    assert problem.edit is not None
    assert problem.edit.apply(broken) == GOOD.replace(PHONE, f"  Phone: {source}")


def test_a_question_may_hold_a_piece_of_another_answer() -> None:
    assert errors(GOOD.replace(PHONE, '  Phone: {answer: "{{field:e959bc85}}"}')) == []


def test_a_mistake_is_one_problem() -> None:
    found = errors(GOOD.replace(ACTION, f"{WITHDRAW} {{from: kind, is: unsubscribe}}"))
    made = ["withdraw:", "  when: {from: kind, is: unsubscribe}", "  actions:", "    - unsubscribe: {list: Newsletter}"]
    assert [one.fix for one in found] == ["\n    ".join(["write", *made])]


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
