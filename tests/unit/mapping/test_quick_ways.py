"""The quick ways around the libraries of names and telephone numbers end where the libraries would."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nameparser import HumanName

from bridge.mapping.context import FormatError
from bridge.mapping.values import names, phones

WORDS = [
    *("Ada", "Lovelace", "King", "José", "O'Neil", "Smith-Jones", "Mary", "Jo", "Li", "Thi", "Ma"),
    *("de", "la", "Cruz", "van", "der", "Berg", "y", "und", "Bin", "Von", "née", "geb"),
    *("Jr", "MD", "II", "Esq", "Dr", "Lady", "Baron"),
]


def is_short(number: phonenumbers.PhoneNumber) -> bool:
    return len(phonenumbers.national_significant_number(number)) < phones.SHORTEST


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=5))
def test_a_name_of_plain_words_is_split_as_the_library_splits_it(words: list[str]) -> None:
    text = " ".join(words)
    name = HumanName(text)
    if name.first or name.last:
        expected = (name.first, name.last, f"{name.middle} {name.last}".strip())
        assert names.parts(text) == expected


@pytest.mark.parametrize(
    "country", ["IN", "GB", "US", "DE", "IT", "FR", "BR", "RU", "CN", "MX", "AR", "AU", "HU", "SG"]
)
@given(change=st.text("0123456789", min_size=0, max_size=6), cut=st.integers(0, 3))
@settings(max_examples=settings().max_examples // 4)
def test_a_national_number_is_written_as_the_library_writes_it(country: str, change: str, cut: int) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    digits = phonenumbers.national_significant_number(example)
    text = digits[: len(digits) - len(change) - cut] + change
    assume(not text.startswith("00"))  # that is an international number, whatever the country
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number) or is_short(number):
        with pytest.raises(FormatError):
            phones.e164_of(country)(text)
    else:
        expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert phones.e164_of(country)(text) == expected


@pytest.mark.parametrize("country", ["IN", "GB", "US", "CA", "DE", "IT", "FR", "BR", "KZ", "MX", "AR", "HU", "SM"])
@given(change=st.text("0123456789", min_size=0, max_size=6), cut=st.integers(0, 3))
@settings(max_examples=settings().max_examples // 4)
def test_an_international_number_is_written_as_the_library_writes_it(country: str, change: str, cut: int) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    text = text[: len(text) - len(change) - cut] + change
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number) or is_short(number):
        with pytest.raises(FormatError):
            phones.e164_of("")(text)
    else:
        assert phones.e164_of("")(text) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def test_an_international_number_may_be_written_with_gaps() -> None:
    assert phones.e164_of("IN")("+44 20 7946-0958") == "+442079460958"
    assert phones.e164_of("IN")("+44 (0)20 7946 0958") == "+442079460958"


def test_most_numbers_go_the_quick_way() -> None:
    quick = phones._plain("IN")
    assert quick is not None
    assert quick("9876543210")
    assert not quick("09876543210")
    assert not quick("98765")
