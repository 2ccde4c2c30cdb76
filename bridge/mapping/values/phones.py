"""Telephone numbers as people write them, brought into the form +COUNTRYNUMBER (E.164).

One rule for each thing that stands next to a number: an extension is dropped (the number is that of the house), a label
(`Mobile:`, `(work)`) is dropped, of several numbers the first that is one counts, and whatever else holds letters is no
number: 1-800-FLOWERS is a slogan.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import phonenumbers
from phonenumbers import PhoneMetadata

from bridge.mapping.context import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTRIES: Final = phonenumbers.SUPPORTED_REGIONS
"""The codes of all countries that have numbers."""

SHORTEST: Final = 4
"""The digits of the shortest numbers in use, without the country's code (Niue); the library takes fewer."""

MOST_DIGITS: Final = 15
"""The digits of the longest, with the country's code (ITU-T E.164, section 6.1); the library takes more in Germany."""

_LONGEST_TEXT: Final = 200
"""Longer texts are not searched for a number: the work grows with more than their length."""

_BLANKS: Final = re.compile(r"\s+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_WORDS: Final = re.compile(r"[^\s+().-]")
_LINK: Final = re.compile(r"\s*(?:tel|callto|sms|whatsapp)\s*:(?://)?", re.IGNORECASE)
_SEVERAL: Final = re.compile(
    r"(?<!\s)\s*(?:;(?!\s*(?:ext|phone-context|isub))|[|\n&]|\s(?:or|oder|ou|o|and|und|et|y|e|или|и)\s)\s*",
    re.IGNORECASE,
)
_PERHAPS_SEVERAL: Final = re.compile(r"(?<!\s)\s*[/,]\s*")
_EXTENSION: Final = re.compile(
    r"(?<=[\d)])[\s;,.]*(?:extension|extensión|extn?|xtn|poste|interno|interne|int|anexo|ramal|toestel|durchwahl|dw"
    r"|добавочный|доб|wewnętrzny|wewn|wew|linka|klapka|dahili|mellék|内線|內線|分機|分机|转|轉|내선|x|\#|~)"
    r"\s*[.:=]{0,2}\s*\#?\s*\d{1,7}\s*\#?$",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"[^\d+]{1,40}?(?=\(?\s*+(?:\+\s*+)?\(?\d)")
_REMARK: Final = re.compile(
    r"\s*[(\[][^\d()\[\]]*[)\]]$"
    r"|[\s,–-]+(?:mobile|mob|cell|cellular|home|work|office|direct|main|private|phone|tel|mobil|handy|privat|büro"
    r"|arbeit|festnetz|móvil|movil|celular|fijo|casa|trabajo|portable|bureau|domicile|fixe|cellulare|ufficio|whatsapp)"
    r"\.?$",
    re.IGNORECASE,
)
_NOT_A_PERSONS: Final = re.compile(r"\b(?:fax|telefax|ext|extension)", re.IGNORECASE)
_PLUS_TWICE: Final = re.compile(r"^(\(?)\+\s*00[\s-]*(?=[1-9])")
"""What is dialled for a plus, after a plus: `+0044`. Not 011, which is Buenos Aires' and Delhi's area code, too."""

_FEWEST_DIGITS: Final = 7
_LONGEST_AREA_CODE: Final = 4
"""What stands before a slash or a comma is a number from so many digits on; so few are an area code, and what
lies between is one only with a prefix (0, +)."""


@lru_cache(maxsize=256)
def e164_of(country: str) -> Callable[[str], str]:
    """What gives a number in E.164 form: `+442079460958`. `country` is that of numbers written without one, or empty.

    It raises FormatError.
    """
    plain = _plain(country) if country else None
    code = f"+{phonenumbers.country_code_for_region(country)}"

    def written(text: str) -> str:
        digits = text.replace(" ", "").replace("-", "").replace(".", "").replace("(", "").replace(")", "")
        if plain is not None and digits.isascii() and digits.isdigit() and plain(digits):
            return code + digits
        return digits if digits.startswith("+") and _is_plain_abroad(digits[1:]) else _first(text, country)

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
    at five times the cost. None where that is unknown.
    """
    metadata = PhoneMetadata.metadata_for_region(country, None)
    if metadata is None or metadata.general_desc is None:
        return None
    longest = MOST_DIGITS - len(str(metadata.country_code))
    lengths = frozenset(one for one in metadata.general_desc.possible_length if SHORTEST <= one <= longest)
    prefixes = [metadata.national_prefix_for_parsing, metadata.international_prefix]
    without_prefix = "".join(f"(?!{one})" for one in prefixes if one)
    number = re.compile(f"{without_prefix}(?:{metadata.general_desc.national_number_pattern or '(?!)'})")
    return lambda digits: len(digits) in lengths and number.fullmatch(digits) is not None


def _first(text: str, country: str) -> str:
    """The first of the numbers in a text. Raises FormatError, for what is wrong with the first of them."""
    if len(text) > _LONGEST_TEXT:
        raise FormatError("bad_phone", "this is too long to be read as a phone number")
    visible = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    visible = "".join(str(unicodedata.decimal(each, each)) for each in visible)
    visible = _BLANKS.sub(lambda found: "\n" if "\n" in found[0] else " ", visible)
    link = _LINK.match(visible)
    whole = unquote(visible[link.end() :]) if link else visible
    failure: FormatError | None = None
    for part in _SEVERAL.split(whole.strip()):
        try:
            return _one_or_joined(part, country)
        except FormatError as error:
            failure = failure or error
    raise failure or FormatError("bad_phone", "this cannot be read as a phone number")


def _one_or_joined(text: str, country: str) -> str:
    """A number that may have a slash or a comma in it: `030/1234567` is one, `+4930123456/78` another's beginning."""
    head, *rest = _PERHAPS_SEVERAL.split(text)
    if rest:
        digits = sum(map(str.isdecimal, head))
        if digits >= _FEWEST_DIGITS:
            return _parsed(_bare(head), country)
        is_area_code = digits <= _LONGEST_AREA_CODE or head.lstrip(" (").startswith(("0", "+"))
        if len(rest) > 1 or not is_area_code or sum(map(str.isdecimal, rest[0])) <= _LONGEST_AREA_CODE:
            raise FormatError("bad_phone", "this cannot be read as a phone number")
    return _parsed(_bare(text), country)


def _bare(text: str) -> str:
    """A number without its label, its extension and remarks. Raises FormatError for what is not a telephone."""
    label = _LABEL.match(text)
    if label and _WORDS.search(label.group()):
        if _NOT_A_PERSONS.search(label.group()):
            raise FormatError("bad_phone", "this is not the number of a person's telephone")
        text = text[label.end() :]
    return _EXTENSION.sub("", _REMARK.sub("", text.strip())).strip()


def _parsed(text: str, country: str) -> str:
    if _LETTER.search(text.partition(";phone-context=")[0]):
        raise FormatError("bad_phone", "this cannot be read as a phone number")
    if not text.startswith(("+", "00", "(+")) and ";phone-context=+" not in text and not country:
        fix = "name the country: `country: IN`, or the question that asks for it: `country: {answer: Country}`"
        raise FormatError("bad_phone", "this phone number has no country code", fix)
    text = _PLUS_TWICE.sub(r"\1+", text)
    try:
        number = phonenumbers.parse(f"+{text[2:]}" if text.startswith("00") else text, country or None)
        if country and text.startswith("00") and not phonenumbers.is_possible_number(number):
            number = phonenumbers.parse(text, country)  # as dialled there: 0011 in Australia, 001 in Singapore
    except phonenumbers.NumberParseException as error:
        raise FormatError("bad_phone", "this cannot be read as a phone number") from error
    written = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    is_whole = len(phonenumbers.national_significant_number(number)) >= SHORTEST and len(written) <= 1 + MOST_DIGITS
    if not is_whole or not phonenumbers.is_possible_number(number):
        raise FormatError("bad_phone", "no phone number of its country has this length")
    return written
