"""Telephone numbers, brought into the form +COUNTRYNUMBER (E.164)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import phonenumbers
from phonenumbers import PhoneMetadata

from bridge.mapping.context import ShapeError
from bridge.mapping.values.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTRIES: Final = phonenumbers.SUPPORTED_REGIONS
"""The codes of all countries that have numbers."""

_LETTER: Final = re.compile(r"[^\W\d_]")


def e164(text: str, country: str) -> str:
    """The number in E.164 form: `+442079460958`. `country` is that of numbers written without one, or empty.

    Letters are refused: 1-800-FLOWERS is a slogan. Raises ShapeError.
    """
    return e164_of(country)(text)


def e164_of(country: str) -> Callable[[str], str]:
    """`e164` for numbers of this country."""
    plain = _plain(country) if country else None
    code = f"+{phonenumbers.country_code_for_region(country)}"

    def written(text: str) -> str:
        digits = text.replace(" ", "").replace("-", "").replace(".", "").replace("(", "").replace(")", "")
        if plain is not None and digits.isascii() and digits.isdigit() and plain(digits):
            return code + digits
        return digits if digits.startswith("+") and _is_plain_abroad(digits[1:]) else _parsed(clean(text), country)

    return written


def _is_plain_abroad(digits: str) -> bool:
    """Whether these digits are a country's code and a whole national number of the country that gave it its rules."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length]))
        if regions is not None:
            plain = _plain(regions[0])
            return plain is not None and plain(digits[length:])
    return False


@lru_cache(maxsize=256)
def _plain(country: str) -> Callable[[str], bool] | None:
    """A test for digits that are a whole national number of this country, as they are dialled from abroad.

    Nothing of them can be a trunk or an exchange prefix, so the library would only put the country's code in front,
    at five times the cost. None where that cannot be told.
    """
    metadata = PhoneMetadata.metadata_for_region(country, None)
    if metadata is None or metadata.general_desc is None:
        return None
    lengths = frozenset(metadata.general_desc.possible_length)
    prefixes = [metadata.national_prefix_for_parsing, metadata.international_prefix]
    without_prefix = "".join(f"(?!{one})" for one in prefixes if one)
    number = re.compile(f"{without_prefix}(?:{metadata.general_desc.national_number_pattern or '(?!)'})")
    return lambda digits: len(digits) in lengths and number.fullmatch(digits) is not None


def _parsed(text: str, country: str) -> str:
    if _LETTER.search(text):
        raise ShapeError("bad_phone", "this cannot be read as a phone number")
    if not text.startswith(("+", "00")) and not country:
        raise ShapeError("bad_phone", "this phone number has no country code", "name the country: `country: IN`")
    try:
        number = phonenumbers.parse(f"+{text[2:]}" if text.startswith("00") else text, country or None)
    except phonenumbers.NumberParseException as error:
        raise ShapeError("bad_phone", "this cannot be read as a phone number") from error
    if not phonenumbers.is_possible_number(number):
        raise ShapeError("bad_phone", "no phone number of its country has this length")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
