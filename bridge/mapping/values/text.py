"""The last step to a text that Zoho can store."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from bridge.expressions import as_text, is_blank
from bridge.mapping.context import FormatError

MAX_TEXT: Final = 32_000
"""No field of Zoho is documented to hold more; a longer value is left out rather than cut unasked."""

_UNSENDABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters but tab and line ends, invisible blanks, lone halves of surrogate pairs, non-characters."""


def clean(text: str) -> str:
    """`text` without white space at its ends and without characters that cannot be stored or seen."""
    text = text.strip()
    if text.isprintable():
        return text
    return _UNSENDABLE.sub("", text).strip()


def final_text(value: Any, joiner: str) -> str:
    """A value as the text that is sent; a list's items joined, blank ones left out. Raises FormatError."""
    if isinstance(value, str):
        text = value.strip()
        if not text.isprintable():
            text = clean(text)
    elif isinstance(value, list):
        text = joiner.join([text for item in value if (text := scalar_text(item))])
    else:
        text = scalar_text(value)
    if len(text) > MAX_TEXT:
        raise FormatError("too_long", f"the text is longer than {MAX_TEXT} characters", "shorten it with `cut`")
    return text


def scalar_text(value: Any) -> str:
    """A single value as clean text; nothing for a blank. Raises FormatError for a list or an object in its place."""
    if isinstance(value, str):
        return clean(value)
    if is_blank(value):
        return ""
    if isinstance(value, list | dict):
        kind = "a list inside a list" if isinstance(value, list) else "an object"
        raise FormatError("not_text", f"{kind} cannot be sent as text", "choose a part of it with `take`")
    if isinstance(value, float) and not math.isfinite(value):
        raise FormatError("not_text", "not a finite number")
    return clean(as_text(value))
