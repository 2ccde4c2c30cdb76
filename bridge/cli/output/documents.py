"""Results as programs read them: one JSON document, with one name for each thing in every command.

Times are milliseconds since 1970-01-01 UTC and end in `_at`; what is not there is null.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from bridge.cli.output.terminal import echo
from bridge.escaping import json_escaped


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()
    except TypeError:  # a number beyond 64 bits or half a surrogate pair, which a payload may hold
        text = json.dumps(value, indent=2, default=str)
    echo(json_escaped(text))
