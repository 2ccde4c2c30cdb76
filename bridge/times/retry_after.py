"""How long the other side asks us to wait: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after (section 10.2.3)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from bridge.model import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_WAIT_MS: Final = DAY_MS
"""No answer makes us wait for longer, whatever it asks for."""


def retry_after_ms(headers: Mapping[str, str]) -> int | None:
    """The wait in milliseconds that the header asks for, None where it asks for none that can be read.

    Names of headers are in lower case. A date counts from the answer's own, so that our clock does not matter.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(int(text[:9]) * 1_000, MAX_WAIT_MS)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError, OverflowError):  # the last for a year that no calendar has
        return None
    return min(max(int(wait.total_seconds() * 1_000), 0), MAX_WAIT_MS)
