"""A header with parameters, as Content-Type and Content-Disposition have them: its value and the parameters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bridge.expressions.texts import LONGEST_CACHED

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_options(header: str) -> tuple[str, Mapping[str, str]]:
    """The value and its parameters. A short header is cached: every request of a form brings the same ones."""
    return _cached(header) if len(header) <= LONGEST_CACHED else _parse(header)


def _parse(header: str) -> tuple[str, Mapping[str, str]]:
    from werkzeug.http import parse_options_header  # brings the server with it, which a mapping's check has no use for

    return parse_options_header(header)


_cached: Final = lru_cache(maxsize=1024)(_parse)
