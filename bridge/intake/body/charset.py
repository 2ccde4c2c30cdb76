"""Bytes of a body as text, in the encodings that senders use."""

from __future__ import annotations

import re
from typing import Final

from bridge.errors import UnreadableError

_CHARSET: Final = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|utf-?32(-?[lb]e)?|us-ascii|ascii|latin-?1|iso-?8859-?\d{1,2}|windows-125\d|cp125\d"
    r"|shift_jis|euc-jp|euc-kr|gb2312|gbk|gb18030|big5|koi8-[ru]",
    re.ASCII | re.IGNORECASE,
)
"""Python decodes far more names, some of them no text or slow: only these are taken from a header."""


def decode_text(raw: bytes, charset: str = "") -> str:
    """Bytes as text, in UTF-8 unless a header names another encoding. Raises UnreadableError."""
    name = charset.strip() or "utf-8"
    try:
        if name == "utf-8":
            return raw.decode()
        if _CHARSET.fullmatch(name):
            return raw.decode(name)
    except (UnicodeError, LookupError) as error:
        raise UnreadableError(f"the body is not text in {name[:40]}") from error
    raise UnreadableError(f"the encoding {name[:40]!r} is not handled here; send UTF-8")
