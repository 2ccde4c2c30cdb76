"""Bytes of a body as text, in the charsets that senders use."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from bridge.errors import UnreadableError
from bridge.intake.body.content import UNDECODABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.intake.body.content import Notes

_KNOWN: Final = re.compile(
    r"utf-?8(mb[34])?|utf-?16(-?[lb]e)?|utf-?32(-?[lb]e)?|(us-)?ascii|latin-?\d{1,2}|iso-?8859-?\d{1,2}|windows-?125\d"
    r"|cp-?125\d|windows-?874|tis-?620|macintosh|mac-?roman|shift[_-]jis|sjis|x-sjis|windows-31j|cp932|euc-jp|iso-2022-jp"
    r"|euc-kr|ks_c_5601-1987|gb2312|gbk|gb18030|big5|koi8-[ru]",
    re.ASCII | re.IGNORECASE,
)
"""Python decodes far more names, some of them no text or slow: only these are taken from a sender."""

_OTHER_NAMES: Final = {"x-sjis": "cp932", "windows-31j": "cp932", "windows-874": "cp874", "macintosh": "mac-roman"}
_WEB_LATIN: Final = re.compile(r"(us-)?ascii|latin-?1|iso-?8859-?1|windows-?1252|cp-?1252", re.ASCII | re.IGNORECASE)
"""All of these name windows-1252 on the web: https://encoding.spec.whatwg.org/#names-and-labels."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONE: Final = re.compile("[\udc80-\udcff]")

NAME_THE_CHARSET: Final = "let the sender post UTF-8, or name the charset in its Content-Type: charset=windows-1252"


def marked_charset(body: bytes) -> str:
    """The charset that a byte order mark names, which counts before any other; nothing without a mark."""
    return next((name for mark, name in _MARKS if body.startswith(mark)), "")


def decode_all(raws: Sequence[bytes], declared: Sequence[str], notes: Notes, where: Callable[[int], str]) -> list[str]:
    """The texts, all in the first of the charsets named in `declared` that fits them all, else in UTF-8.

    An empty name stands for UTF-8. Where nothing fits, what is no UTF-8 becomes lone surrogates, with a note that
    names the text by `where`, the byte and its place. Raises UnreadableError for a charset that is not known.
    """
    names = [name.strip().strip("'\"") for name in declared]
    for name in (*names, ""):
        try:
            if not name:
                return [raw.decode() for raw in raws]
            if _KNOWN.fullmatch(name):
                return [_decode(raw, name) for raw in raws]
        except (UnicodeError, LookupError):
            continue
    unknown = next((name for name in names if name and not _KNOWN.fullmatch(name)), "")
    if unknown:
        raise UnreadableError(f"the charset {unknown[:40]!r} is not handled here; let the sender post UTF-8")
    return [_escaped(raw, notes, where, number) for number, raw in enumerate(raws)]


def decode_body(raw: bytes, declared: Sequence[str], notes: Notes) -> str:
    """One text, as `decode_all` gives it."""
    return decode_all([raw], declared, notes, lambda _: "the body")[0]


def _decode(raw: bytes, name: str) -> str:
    name = name.lower()
    if _WEB_LATIN.fullmatch(name):
        return _web_latin(raw, is_ascii="ascii" in name)
    if name.startswith("utf8mb"):
        name = "utf-8"
    return raw.decode(_OTHER_NAMES.get(name, name))


def _web_latin(raw: bytes, *, is_ascii: bool) -> str:
    if is_ascii:
        try:
            return raw.decode()  # a sender that says ASCII and posts more has not thought of the charset at all
        except UnicodeDecodeError:
            pass
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")  # five bytes are not characters in windows-1252


def _escaped(raw: bytes, notes: Notes, where: Callable[[int], str], number: int) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        name = where(number)
        message = f"{name} is not UTF-8 (the byte 0x{raw[error.start]:02X} at {error.start}), and no charset is named"
        notes.add(UNDECODABLE, message, NAME_THE_CHARSET, path=name)
        return raw.decode("utf-8", "surrogateescape")


def as_replacement(text: str) -> str:
    """A text with U+FFFD in the place of each byte that could not be decoded."""
    return _LONE.sub("\ufffd", text)


def as_windows_1252(text: str) -> str:
    """A text with the characters of windows-1252 for the bytes that could not be decoded: its likeliest meaning."""
    return text.translate(_WINDOWS_1252)


_WINDOWS_1252: Final = {0xDC00 + byte: _web_latin(bytes([byte]), is_ascii=False) for byte in range(0x80, 0x100)}
