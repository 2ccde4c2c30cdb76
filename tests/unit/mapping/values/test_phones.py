"""Telephone numbers as people write them come out as the number, or not at all."""

from __future__ import annotations

from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.context import FormatError
from bridge.mapping.values.phones import COUNTRIES, e164_of

LONDON = "+442079460958"


@pytest.mark.parametrize(
    "written",
    [
        *("+44 20 7946 0958 ext. 12345", "+44 20 7946 0958 x12", "+44 20 7946 0958x12", "+44 20 7946 0958;ext=12"),
        *("+44 20 7946 0958 доб. 12", "+44 20 7946 0958 poste 12", "+44 20 7946 0958 int. 12", "+44 20 7946 0958 #12"),
        *("+44 20 7946 0958 Ext: 12", "+44 20 7946 0958, extension 12", "+44 20 7946 0958,,12#", "(+44) 20 7946 0958"),
        *("tel:+44-20-7946-0958", "tel:+44-20-7946-0958;ext=12", "TEL: 0044 20 7946 0958", "tel:%2B442079460958"),
        *("+0044 20 7946 0958", "(+00 44) 20 7946 0958", "٠٠٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨", "+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨"),
        *("tel:7946-0958;phone-context=+4420", "+44 (0)20 7946 0958", "0044 (0) 20 7946 0958", "+44(0)2079460958"),
        *("Mobile: +44 20 7946 0958", "Tel. +44 20 7946 0958", "Tél (bureau): +44 20 7946 0958", "M +44 20 7946 0958"),
        *("+44 20 7946 0958 (mobile)", "+44 20 7946 0958 - work", "+44 20 7946 0958 Handy", "📞 +44 20 7946 0958"),
        *(
            "＋４４　２０　７９４６　０９５８",
            "\u202a+44 20 7946 0958\u202c",
            "+44\u00a020\u20117946\u20110958",
            "+44.20.7946.0958",
        ),
        *("+44 20 7946 0958 / +44 20 7946 0959", "+44 20 7946 0958, +44 20 7946 0959", "+44 20 7946 0958 / 59"),
        *("+44 20 7946 0958; +44 20 7946 0959", "+44 20 7946 0958 or 0959", "n/a; +44 20 7946 0958"),
        *("Fax: +44 20 7946 0959; Tel: +44 20 7946 0958", "+44 20 7946 0958 (home) | +44 7700 900123 (mobile)"),
    ],
)
@pytest.mark.parametrize("country", ["", "GB", "US", "DE"])
def test_a_number_is_found_among_what_stands_next_to_it(written: str, country: str) -> None:
    assert e164_of(country)(written) == LONDON


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("030/1234567", "DE", "+49301234567"),
        ("030 / 1234567", "DE", "+49301234567"),
        ("(020) 7946 0958", "GB", LONDON),
        ("Tel. (020) 7946 0958", "GB", LONDON),
        ("020 7946 0958 or 020 7946 0959", "GB", LONDON),
        ("+39 (0)6 1234567", "", "+39061234567"),
        ("011 44 20 7946 0958", "US", LONDON),
        ("0011 44 20 7946 0958", "AU", LONDON),
        ("001 44 20 7946 0958", "SG", LONDON),
        ("1-800-356-9377 (FLOWERS)", "US", "+18003569377"),
        ("٠٢٠٧٩٤٦٠٩٥٨", "GB", LONDON),
    ],
)
def test_a_national_number_gets_its_countrys_code(written: str, country: str, number: str) -> None:
    assert e164_of(country)(written) == number


@pytest.mark.parametrize(
    "written",
    [
        *("1-800-FLOWERS", "1 800 FLOWERS", "+1 212 555 TAXI", "+1-888-GET-(HELP)", "ext 12345678", "n/a", "none", ""),
        *("Fax: +44 20 7946 0958", "+49/30/1234567", "call me", "ada@example.com", "+44 20 7946 0958 until 5pm", "x12"),
    ],
)
@pytest.mark.parametrize("country", ["", "GB", "US", "DE"])
def test_what_is_no_number_is_left_out(written: str, country: str) -> None:
    with pytest.raises(FormatError):
        e164_of(country)(written)


FRAMES = (
    *("{}", " {} ", "Tel: {}", "Mobile {}", "{} (mobile)", "{} ext. 7", "{} x7", "{};ext=7", "{} #7", "{} доб. 7"),
    *("{} / {}", "{}, {}", "{} or {}", "{} poste 7", "tel:{}", "call {} now", "{}\n{}", "({})", "{} / 7"),
)
WRITTEN = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
)


NUMBERS = [
    (country, number)
    for country in sorted(COUNTRIES)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (number := phonenumbers.example_number_for_type(country, kind)) is not None
]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("frame", FRAMES)
def test_every_countrys_number_in_any_frame_is_itself_or_left_out(frame: str, form: int) -> None:
    left_out = 0
    for country, number in NUMBERS:
        text = frame.format(*[phonenumbers.format_number(number, form)] * 2)
        try:
            found = e164_of(country)(text)
        except FormatError:
            left_out += 1
            continue
        assert found == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), (country, text)
    assert left_out < len(NUMBERS) / 10 or frame == "call {} now"


@pytest.mark.parametrize("digits", ["30901820030982", "309018200309820", "3090182003098", "9" * 15, "1" * 17])
def test_no_number_has_more_than_15_digits(digits: str) -> None:
    for country in COUNTRIES:
        code = phonenumbers.country_code_for_region(country)
        for text in (digits, f"+{code}{digits}", f"((0){digits[:9]}){digits[9:]}"):
            with suppress(FormatError):
                assert len(e164_of(country)(text)) <= 16, (text, country)


@pytest.mark.parametrize("pump", [" ", "\u3000", "\n ", "(", "(a)", "a ", ", ", "; ", "/1"])
@pytest.mark.parametrize("head", ["1", "tel", "+44 20", "x"])
def test_a_long_text_costs_no_more_than_its_length(head: str, pump: str) -> None:
    """It took hours: the test's own limit stops that."""
    with pytest.raises(FormatError):
        e164_of("GB")(f"{head}{pump * 100_000}x")


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    with suppress(FormatError):
        assert e164_of("GB")(text).startswith("+")
