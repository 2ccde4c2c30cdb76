"""A question for an address that names somebody is not the person's, whoever that is; a sender's own names are."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from bridge.intake.events.other_people import UNSPACED, bare, is_about_others, last_letter
from bridge.intake.events.own_address import names_a_stranger
from bridge.intake.events.usual_names import languages

LABELS = orjson.loads(Path(__file__).with_name("labels.json").read_bytes())
FORM_LABELS = orjson.loads(Path(__file__).with_name("form_labels.json").read_bytes())
"""Labels as forms have them for the person's `own` address, and those that name `others`."""

YOURS = ("your", "votre", "tua", "seu", "σας", "anda", "ban")
"""Words of some of these names by which the rest of a sentence is the person's as well."""


@pytest.mark.parametrize("language", LABELS)
def test_a_label_about_the_person_names_nobody_else(language: str) -> None:
    labels = [label for label in LABELS[language]["own"] if names_a_stranger(label) and "billing" not in label]
    assert [label for label in labels if not is_about_others([label])] == []


@pytest.mark.parametrize("language", languages())
def test_a_usual_name_is_the_persons_and_with_any_other_word_is_not(language: str) -> None:
    for name in languages()[language]["email"]:
        assert not names_a_stranger(name)
        assert not names_a_stranger(name.title())
        for role in ("grobnik", "the Zorbl's", "Quaddle") * (not {*YOURS} & {*bare(name).split()}):
            assert names_a_stranger(f"{name} {role}")
            assert names_a_stranger(f"{role} {name}")
        if last_letter(name) >= UNSPACED:
            assert names_a_stranger(f"弁{name}")


@pytest.mark.parametrize(
    "name",
    [
        "Teacher's e-mail", "teacher_email", "doctorEmail", "Doctor", "Lawyer", "Coach", "coach_mail", "Trainermail",
        "HR email", "Principal's email", "Email of the head of department", "Who is your doctor?", "owner_email",
        "teacher[email]", "Lehrer E-Mail", "Lehrermail", "E-Mail des Anwalts", "E-mail du médecin", "Email professeur",
        "E-mail de l'avocat", "Correo del médico", "abogado", "Email avvocato", "Email do professor", "E-mail leraar",
        "email nauczyciela", "E-post lärare", "Sähköposti opettaja", "Email učitele", "öğretmen e-posta",
        "tanár email", "Email врача", "Почта адвоката", "先生のメール", "老师邮箱", "律师邮箱", "선생님 이메일",
        "อีเมลครู",
    ],
)  # fmt: skip
def test_whoever_is_named_may_be_somebody_else(name: str) -> None:
    assert names_a_stranger(name) or is_about_others([name])


@pytest.mark.parametrize(
    "name",
    [
        "2", "input_4", "text-843", "entry.1234567", "field_6f8642e", "item_meta[25]", "mce-EMAIL",
        "wpforms[fields][2]",
        "et_pb_contact_email_0", "customer[email]", "contact_email", "userEmail", "PayPal email", "Reply-to",
        "Login",
        "Best email", "Deine beste E-Mail", "Votre meilleur e-mail", "Kundenmailadresse", "Kontakt", "お名前とメール",
        "Eメール（確認用）",
        "Where should we send your ticket?", "What's the best email to reach you?",
        "Wohin sollen wir das E-Book schicken?", "Thanks, what's your email?", "Your answer",
        "Drop your email here", "Email for Zoom link", "Official Email ID", "Contact details", "Keep me updated",
        "txtEmail",
        "Wohin dürfen wir dir die Ergebnisse schicken?", "Mail perso", "Indirizzo PEC", "Jaki jest Twój e-mail?",
        "Hva er e-posten din?", "Какая у вас почта?", "メールアドレスを入力してください", "이메일을 입력해주세요",
        "Email for the raffle", "E-Mail für Rezept", "E-mail pour le tirage", "Email ✉️", "input_email_8472",
        "Email (we promise no spam)", "¿A qué correo te enviamos la guía?", "E-Mail – wir schicken dir das Freebie",
        "JwWggjAKtOkA",
        "Lovely to meet you! Which address do you read every day?",
    ],
)  # fmt: skip
def test_what_people_and_builders_call_the_persons_own_is_not(name: str) -> None:
    assert not names_a_stranger(name)


def test_no_label_of_a_form_that_names_another_person_gives_the_persons_address() -> None:
    labels = FORM_LABELS["others"]
    assert [label for label in labels if not names_a_stranger(label) and not is_about_others([label])] == []


def test_a_label_that_names_a_purpose_an_account_or_a_key_is_the_persons_own() -> None:
    labels = FORM_LABELS["own"]
    assert [label for label in labels if names_a_stranger(label) or is_about_others([label])] == []
