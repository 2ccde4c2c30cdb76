"""The forms that `as` brings a value into: for what is wanted, a function that takes one value and gives text.

It raises FormatError for a value that cannot be brought into the form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from bridge import address
from bridge.expressions import agreement, as_text
from bridge.mapping.context import FormatError
from bridge.mapping.values import dates, phones
from bridge.mapping.values.text import scalar_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    Form = Callable[[Any], str]

READINGS: Final = (*dates.READINGS, "decimal_comma", "decimal_point")

_POINT: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?|[+-]?\.\d+")
_COMMA: Final = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?|[+-]?,\d+")
_GAPS: Final = re.compile(r"[\s_'’]")
_SMALL: Final = 10**18
"""Integers below are as decimal numbers are written."""

_UNSURE: Final = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How to read and write a value: the country of a phone, the zone of a moment, the order of a date's parts."""

    country: str = ""
    zone: tzinfo | None = None
    read: str = ""


def _text(_: Format) -> Form:
    return scalar_text


def _email(_: Format) -> Form:
    return _usable


def _usable(value: Any) -> str:
    text = scalar_text(one_address(value))
    if address.problem(text) is not None:
        raise FormatError("bad_email", "not a valid e-mail address")
    return text


def one_address(value: Any) -> Any:
    """The usable address in a list that holds just one, however often; what is no list of texts as it is.

    Raises FormatError for several that differ: which of them is the person's would be a guess.
    """
    if not isinstance(value, list):
        return address.written(value) if isinstance(value, str) else value
    texts = [address.written(item).strip() for item in value if isinstance(item, str) and item.strip()]
    usable = {address.normalised(text): text for text in texts if address.problem(text) is None}
    if len(usable) > 1:
        message = f"the answer holds {len(usable)} different addresses"
        raise FormatError("ambiguous_address", message, "choose one with `take`, or ask once", refuse=True)
    return next(iter(usable.values()), texts[0] if texts else "")


def _phone(wanted: Format) -> Form:
    written = phones.e164_of(wanted.country)

    def read(value: Any) -> str:
        if isinstance(value, str):
            return written(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return written(as_text(value))
        raise FormatError("bad_phone", "this cannot be read as a phone number")

    return read


def _date(wanted: Format) -> Form:
    return lambda value: dates.write_date(_from_parts(value), wanted.zone, wanted.read)


def _datetime(wanted: Format) -> Form:
    return lambda value: dates.write_datetime(_from_parts(value), wanted.zone, wanted.read)


def _from_parts(value: Any) -> Any:
    """A date that came in parts, as forms with three boxes send it, in ISO form; any other value as it is.

    Jotform: {"month": "03", "day": "04", "year": "1991"}, with "hour", "min" and "ampm" where a time is asked for
    (https://www.jotform.com/help/51-how-to-post-submission-data-to-thank-you-page/).
    """
    if not isinstance(value, dict):
        return value
    parts = {str(key).casefold(): as_text(part).strip() for key, part in value.items()}
    day = [parts.get(name, "") for name in ("year", "month", "day")]
    if not all(part.isdecimal() for part in day):
        return "" if not any(parts.values()) else value
    date = f"{day[0]:0>4}-{day[1]:0>2}-{day[2]:0>2}"
    hour, minute = parts.get("hour", ""), parts.get("min", parts.get("minute", "00")) or "00"
    if not hour.isdecimal() or not minute.isdecimal():
        return date
    return f"{date} {hour}:{minute:0>2} {parts['ampm']}" if parts.get("ampm") else f"{date}T{hour:0>2}:{minute:0>2}"


def _number(wanted: Format) -> Form:
    def read(value: Any) -> str:
        if value.__class__ is int and abs(value) < _SMALL:
            return str(value)
        text = format(_decimal(value, wanted.read), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    return read


def _integer(wanted: Format) -> Form:
    def read(value: Any) -> str:
        if value.__class__ is int and abs(value) < _SMALL:
            return str(value)
        number = _decimal(value, wanted.read)
        whole = number.to_integral_value()
        if number != whole:
            raise FormatError("bad_number", "not a whole number")
        return format(whole, "f")

    return read


def _decimal(value: Any, read: str) -> Decimal:
    text = _GAPS.sub("", value) if isinstance(value, str) else as_text(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(text) > 60:
        raise FormatError("bad_number", "not a number")
    try:
        number = Decimal(_digits(text, read) if isinstance(value, str) else text)
    except InvalidOperation as error:
        raise FormatError("bad_number", "not a number") from error
    if not number.is_finite() or abs(number.adjusted()) > 60:
        raise FormatError("bad_number", "not a number of a usable size")
    return number


def _digits(text: str, read: str) -> str:
    if not read and _UNSURE.fullmatch(text) and "," in text:
        message = "the comma is ambiguous: it may divide thousands or decimals"
        raise FormatError("ambiguous_number", message, "write `read: decimal_comma` or `read: decimal_point`")
    if read == "decimal_comma" and _COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if read != "decimal_comma" and _POINT.fullmatch(text):
        return text.replace(",", "")
    if not read and _COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    raise FormatError("bad_number", "not a number", "say how it is written: `read: decimal_comma`")


def _boolean(_: Format) -> Form:
    return _yes_or_no


def _yes_or_no(value: Any) -> str:
    """`true` or `false`, as Zoho's check boxes take them."""
    meant = agreement(value)
    if meant is not None:
        return "true" if meant else "false"
    raise FormatError("bad_boolean", "this is neither yes nor no", "say what it means with `lookup`")


SHAPES: Final[dict[str, Callable[[Format], Form]]] = {
    "text": _text,
    "email": _email,
    "phone": _phone,
    "date": _date,
    "datetime": _datetime,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
}
