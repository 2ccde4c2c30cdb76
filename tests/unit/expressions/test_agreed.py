"""A choice is read in every form in which browsers, plug-ins and services send it, and nothing else is a yes."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.expressions import NO, YES, agreement, chosen, comparable, compile_test, declines, outline

LANGUAGES = {
    "en": ("Yes", "No"), "de": ("Ja", "Nein"), "fr": ("Oui", "Non"), "es": ("Sí", "No"), "it": ("Sì", "No"),
    "pt": ("Sim", "Não"), "nl": ("Ja", "Nee"), "pl": ("Tak", "Nie"), "sv": ("Ja", "Nej"), "no": ("Ja", "Nei"),
    "da": ("Ja", "Nej"), "fi": ("Kyllä", "Ei"), "cs": ("Ano", "Ne"), "tr": ("Evet", "Hayır"), "ro": ("Da", "Nu"),
    "hu": ("Igen", "Nem"), "ru": ("Да", "Нет"), "el": ("Ναι", "Όχι"), "ja": ("はい", "いいえ"), "zh": ("是", "否"),
    "sk": ("Áno", "Nie"), "sl": ("Da", "Ne"), "hr": ("Da", "Ne"), "sr": ("Да", "Не"), "bg": ("Да", "Не"),
    "uk": ("Так", "Ні"), "ca": ("Sí", "No"), "lt": ("Taip", "Ne"), "lv": ("Jā", "Nē"), "et": ("Jah", "Ei"),
    "vi": ("Có", "Không"), "id": ("Ya", "Tidak"), "ko": ("예", "아니요"), "th": ("ใช่", "ไม่"), "hi": ("हाँ", "नहीं"),
    "ar": ("نعم", "لا"), "he": ("כן", "לא"),
}  # fmt: skip

AGREE = {
    "en": "I agree", "de": "Ich stimme zu", "fr": "J'accepte", "es": "Acepto", "it": "Acconsento", "pt": "Concordo",
    "nl": "Ik ga akkoord", "pl": "Zgadzam się", "sv": "Jag samtycker", "no": "Jeg samtykker", "da": "Jeg accepterer",
    "fi": "Hyväksyn", "cs": "Souhlasím", "sk": "Súhlasím", "sl": "Strinjam se", "hr": "Slažem se", "sr": "Слажем се",
    "bg": "Съгласен съм", "uk": "Погоджуюсь", "tr": "Kabul ediyorum", "ro": "Sunt de acord", "hu": "Elfogadom",
    "ru": "Согласен", "el": "Συμφωνώ", "ca": "Accepto", "lt": "Sutinku", "lv": "Piekrītu", "et": "Nõustun",
    "vi": "Đồng ý", "id": "Setuju", "ko": "동의합니다", "ja": "同意します", "zh": "同意", "th": "ยินยอม", "hi": "सहमत",
    "ar": "أوافق", "he": "אני מסכים",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_and_no_are_understood_in_each_language(language: str) -> None:
    yes, no = LANGUAGES[language]
    for text, means in ((yes, True), (no, False)):
        for written in (text, text.upper(), f" {text}!", f"\u00a0{text}."):
            assert agreement(written) is means, written
    assert agreement(["0", yes]) is agreement(unicodedata.normalize("NFD", yes)) is True
    assert agreement(AGREE[language]) is agreement(AGREE[language].upper()) is True


def _bare(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def test_no_yes_is_a_no_elsewhere_however_it_is_written() -> None:
    assert set(AGREE) == set(LANGUAGES)
    assert not set(map(_bare, YES)) & set(map(_bare, NO))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "No",
            "no.",
            "No, thanks",
            "No thanks",
            "No - not now",
            "Nein danke",
            "Nee, bedankt",
            "Non merci!",
            "Не, благодаря",
        ),
        *(
            "Ні, дякую",
            "Ne, hvala",
            "아니요",
            "لا، شكرا",
            "לא תודה",
            "Nej tack",
            "Không, cảm ơn",
            "いいえ",
            "nie zgadzam się",
        ),
    ],
)
def test_a_refusal_is_clear(text: str) -> None:
    assert declines(text)
    assert agreement(text) is not True


@pytest.mark.parametrize(
    "text",
    ["Ne manquez rien", "No me pierdas", "Nie przegap nowości", "Ei yhtään turhaa viestiä", "Не пропустить новости"],
)
def test_a_sentence_that_starts_with_a_no_is_unclear(text: str) -> None:
    assert not declines(text)
    assert agreement(text) is None


@pytest.mark.parametrize(
    "value",
    [
        *(True, 1, 1.0, "true", "TRUE", " on ", "1", "checked", "&#10004;", "✓"),
        *(["yes"], [True], [True, True], ["1", "1"], ["0", "1"], ["1", "0"], ["no", "on"], ["", None, "1"]),
        *({"checked": True}, {"value": "on", "label": "News"}, [{"checked": True}], [["1"]]),
    ],
)
def test_a_tick_is_agreement_in_every_form(value: Any) -> None:
    assert agreement(value) is True


@pytest.mark.parametrize("value", [False, 0, "0", "off", ["0", "0"], ["no", "off"], ["", "no"], {"checked": False}])
def test_an_explicit_no_is_none(value: Any) -> None:
    assert agreement(value) is False


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        " ",
        [],
        {},
        2,
        -1,
        "maybe",
        ["1", "maybe"],
        {"a": True},
        {"checked": True, "value": "no"},
    ],
)
def test_what_says_neither_is_unclear(value: Any) -> None:
    assert agreement(value) is None


def test_the_text_of_the_box_is_agreement_unless_it_says_no() -> None:
    assert agreement("It&#039;s free", {comparable("It's free")}) is True
    assert agreement(["0", "Send me news"], {"send me news"}) is True
    assert agreement("No", {"no"}) is False


@given(st.text().filter(lambda text: comparable(text).strip("?:*.!,; ") not in YES))
def test_no_other_text_is_agreement(text: str) -> None:
    assert agreement(text) is not True
    assert agreement([text, "on"]) is not True or not text.strip() or agreement(text) is False


def test_yes_and_no_have_no_word_in_common() -> None:
    assert not YES & NO


FORMS: list[Any] = [
    "Tips &amp; news",
    "TIPS & NEWS ",
    "Tips\u00a0&amp;amp; news",
    ["", "Tips & news"],
    ["0", "tips & news"],
]


@pytest.mark.parametrize("value", FORMS)
def test_is_in_and_contains_read_a_choice_alike(value: Any) -> None:
    assert compile_test("is", "Tips & news")(value)
    assert compile_test("in", ["Offers", "Tips & news"])(value)
    assert compile_test("contains", "Tips & news")(value)
    assert not compile_test("is_not", "Tips & news")(value)


def test_two_choices_are_no_single_one() -> None:
    assert chosen(["Tips", "Offers"]) == ["Tips", "Offers"]
    assert not compile_test("is", "Tips")(["Tips", "Offers"])
    assert compile_test("contains", "Tips")(["Tips", "Offers"])


@given(st.recursive(st.text(min_size=40), lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=40), inner)))
def test_a_shape_never_holds_what_a_person_wrote(value: Any) -> None:
    texts = [value] if isinstance(value, str) else []
    assert not any(text in outline(value) for text in texts)
    assert len(outline(value)) < 400
