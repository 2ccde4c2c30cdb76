"""Following the fixes gives what the author meant, not just a file without errors."""

from __future__ import annotations

import pytest

from bridge.mapping import schema
from bridge.mapping.context import ROOTS
from bridge.mapping.values.foreign_paths import from_foreign, is_path
from bridge.mapping.values.habits import CHOICES, SYNONYMS
from tests.unit.mapping.test_fixes import ACTION, CONSENT, EMAIL, GOOD, PHONE, errors, followed

NAMED = "  Phone: {answer: Phone, name: first}"
MEANT = [
    (PHONE, "  Phone: 'answers.Your phone'", "  Phone: {answer: Your phone}"),
    (PHONE, "  Phone: {{answers.Your phone}}", "  Phone: {answer: Your phone}"),
    (PHONE, "  Phone: '{{fields.Your phone}}'", "  Phone: {answer: Your phone}"),
    (PHONE, "  Phone: {{answer: Phone}}", PHONE),
    (PHONE, "  Phone: (answer: Phone)", PHONE),
    (PHONE, "  Phone: {from: fields.Phone}", PHONE),
    (PHONE, "  Phone: body/form/phone", "  Phone: body.form.phone"),
    (PHONE, "  Phone: body->phone", "  Phone: body.phone"),
    (PHONE, "  Phone: body::phone", "  Phone: body.phone"),
    (PHONE, "  Phone: payload.phone", "  Phone: body.phone"),
    (PHONE, "  Phone: {from: data.phone, as: phone}", "  Phone: {from: body.phone, as: phone}"),
    (PHONE, "  Phone: {from: body.form response.phone}", "  Phone: {from: 'body[\"form response\"].phone'}"),
    (PHONE, "  Phone: hidden.utm_source", "  Phone: tracking.utm_source"),
    (PHONE, "  Phone: utm_source", "  Phone: tracking.utm_source"),
    (PHONE, "  Phone: '{{ hidden.gclid }}'", "  Phone: tracking.gclid"),
    (PHONE, "  Phone: query.phone", "  Phone: {query: phone}"),
    (PHONE, "  Phone: {from: headers.X-Phone, as: phone}", "  Phone: {header: X-Phone, as: phone}"),
    (PHONE, "  Phone: '@contact.phone'", "  Phone: contact.phone"),
    (PHONE, "  Phone: @contact.phone", "  Phone: contact.phone"),
    (PHONE, "  Phone: '%contact.phone%'", "  Phone: contact.phone"),
    (
        PHONE,
        "  Phone: contact.first_name + contact.last_name",
        "  Phone: {from: '[contact.first_name, contact.last_name]', join: \" \"}",
    ),
    (
        PHONE,
        "  Phone: contact.company + '-' + contact.phone",
        "  Phone: {from: '[contact.company, contact.phone]', join: \"-\"}",
    ),
    (PHONE, "  Phone: {from: 'body.p[?main=true]'}", "  Phone: {from: 'body.p[?main==`true`]'}"),
    (PHONE, "  Phone = contact.phone", "  Phone: contact.phone"),
    (PHONE, "  Phone -> contact.phone", "  Phone: contact.phone"),
    (PHONE, "  Phone => contact.phone", "  Phone: contact.phone"),
    (PHONE, "  Phone := contact.phone", "  Phone: contact.phone"),
    (PHONE, "  Phone\uff1a contact.phone", "  Phone: contact.phone"),
    ("preset: tally", "preset\uff1a tally", "preset: tally"),
    ("preset: tally", "preset = tally", "preset: tally"),
    ("preset: tally", "preset: {name: tally}", "preset: tally"),
    ("lead:\n", "---\nlead:\n", "\nlead:\n"),
    (EMAIL, "  lead_email: contact.email", EMAIL),
    (EMAIL, "  LeadEmail: contact.email", EMAIL),
    (EMAIL, "  E-Mail: contact.email", EMAIL),
    (EMAIL, "  Email Address: contact.email", EMAIL),
    (f"{EMAIL}\n{PHONE}", f"  fields:\n  {EMAIL}\n  {PHONE}", f"{EMAIL}\n{PHONE}"),
    (PHONE, "  Phone: {answer: Phone, format: DD/MM/YYYY}", "  Phone: {answer: Phone, as: date, read: day_first}"),
    (
        PHONE,
        "  Phone:\n    answer: Phone\n    format: m/d/yyyy",
        "  Phone:\n    answer: Phone\n    as: date\n    read: month_first",
    ),
    (PHONE, "  Phone: {answer: Phone, as: date, format: dmy}", "  Phone: {answer: Phone, as: date, read: day_first}"),
    (PHONE, "  Phone: {answer: Phone, upper: true}", "  Phone: {answer: Phone, case: upper}"),
    (PHONE, "  Phone: {answer: Phone, uppercase: true}", "  Phone: {answer: Phone, case: upper}"),
    (PHONE, "  Phone: {answer: Phone, capitalize: true}", "  Phone: {answer: Phone, case: title}"),
    (PHONE, "  Phone: {answer: Phone, trim: true}", PHONE),
    (PHONE, "  Phone: {strip: true, answer: Phone}", PHONE),
    (PHONE, "  Phone:\n    answer: Phone\n    trim: true", "  Phone:\n    answer: Phone"),
    (PHONE, "  Phone: {answer: Phone, name: given}", NAMED),
    (PHONE, "  Phone: {answer: Phone, name: Vorname}", NAMED),
    (PHONE, "  Phone: {answer: Phone, default: {value: x}}", "  Phone: {answer: Phone, default: x}"),
    (PHONE, "  Phone: {answer: Phone, as: phone, country: UK}", "  Phone: {answer: Phone, as: phone, country: GB}"),
    (PHONE, "  Phone: {antwort: Phone}", PHONE),
    (PHONE, "  Phone: {réponse: Phone}", PHONE),
    (CONSENT, CONSENT.replace("consent", "einwilligung"), CONSENT),
    (CONSENT, "consent: {{answer: May we write to you?}}", CONSENT),
    (CONSENT, "consent: hidden.optin", "consent: tracking.optin"),
    (ACTION, "  - abonnieren: {liste: Newsletter}", ACTION),
    (ACTION, "  - subscribe: {{list: Newsletter}}", ACTION),
    ("preset: tally", "preset: tally\nid: {body.eventId}", "preset: tally\nid: body.eventId"),
]


@pytest.mark.parametrize(("right", "wrong", "meant"), MEANT, ids=[wrong.strip() for _, wrong, _ in MEANT])
def test_the_fixes_give_what_was_meant(right: str, wrong: str, meant: str) -> None:
    broken = GOOD.replace(right, wrong)
    assert errors(broken), "this is no mistake"
    text, left = followed(broken)
    assert left == []
    assert text == GOOD.replace(right, meant)


def test_a_file_whose_keys_stand_below_the_name_of_the_hook_loses_that_line() -> None:
    text, left = followed("signup:\n" + "".join(f"  {line}\n" for line in GOOD.splitlines()))
    assert left == []
    assert text.strip() == GOOD.strip()


@pytest.mark.parametrize("word", sorted(SYNONYMS))
def test_a_word_of_another_product_means_a_key_that_there_is(word: str) -> None:
    keys = _keys(schema.build())
    assert keys.issuperset(SYNONYMS[word])
    assert word == word.casefold()


@pytest.mark.parametrize("word", sorted(CHOICES))
def test_a_word_of_another_product_for_a_value_is_small_and_no_value_itself(word: str) -> None:
    assert word == word.casefold()
    assert CHOICES[word] != word


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("separator", ["/", "->", "::", " > "])
def test_any_root_may_be_separated_from_its_parts_as_elsewhere(root: str, separator: str) -> None:
    assert from_foreign(f"{root}{separator}one{separator}two") == f"{root}.one.two"
    assert from_foreign(f"{root}.one.two") is None
    assert is_path(f"{root}.one.two")


@pytest.mark.parametrize(
    "text", ["My phone number", "Phone?", "a + b", "yes", "and/or", "E-mail / Telefon", "What? 1=2"]
)
def test_a_question_is_no_path(text: str) -> None:
    assert from_foreign(text) is None


def _keys(node: object) -> set[str]:
    if isinstance(node, dict):
        named = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
        return named.union(*map(_keys, node.values()))
    return set().union(*map(_keys, node)) if isinstance(node, list | tuple) else set()
