"""What is about to leave is checked once more: the address, and leadinfo against its JSON Schema."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from bridge import address
from bridge.mapping import address_hints
from bridge.mapping.actions.action import ADDRESS
from bridge.mapping.values.text import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Place, Run

LEADINFO: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "leadinfo of the Subscribe API: a field's display name and its text",
    "type": "object",
    "required": [ADDRESS],
    "properties": {ADDRESS: {"type": "string", "minLength": 3, "maxLength": address.MAX_LENGTH}},
    "additionalProperties": {"type": "string", "maxLength": MAX_TEXT, "pattern": r"\S"},
}
"""Every value is a text: that is what working clients send. A blank one never leaves, so nothing is overwritten.

The names are the mapping's own and were checked when it was read.
"""


def check_address(text: str, place: Place, run: Run) -> None:
    """Note a problem for an address that Zoho could not take. An empty one has been noted already."""
    reason = address.problem(text) if text else None
    if reason is not None:
        run.refuse(
            place,
            "bad_address",
            f"{ADDRESS} is not a valid e-mail address",
            address_hints.unusable(text),
        )


def check_leadinfo(leadinfo: Mapping[str, str], place: Place, run: Run) -> None:
    """Note a problem naming each field that does not fit the schema."""
    validator = _leadinfo_validator()
    if validator.is_valid(leadinfo):
        return
    for error in validator.iter_errors(leadinfo):
        name = str(error.instance_path[0]) if error.instance_path else "leadinfo"
        run.refuse(place, "bad_leadinfo", f"{name} does not fit what Zoho takes ({error.kind.name})")


@lru_cache(maxsize=1)
def _leadinfo_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(LEADINFO)


def body_validator(node: Any, build: Build, path: Path) -> jsonschema_rs.Draft202012Validator | None:
    """The validator of a mapping's own `schema`, or None after noting why it is none. Nothing is ever fetched."""
    if _reaches_out(node):
        build.add(path, "schema_reference", "a `$ref` points outside this schema", "use references that start with #")
        return None
    try:
        return jsonschema_rs.Draft202012Validator(node)
    except (jsonschema_rs.ReferencingError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        build.add(path, "bad_schema", f"this is not a JSON Schema: {reason}", "see https://json-schema.org/learn")
        return None


def _reaches_out(node: Any) -> bool:
    if isinstance(node, list):
        return any(_reaches_out(item) for item in node)
    if not isinstance(node, dict):
        return False
    for key, value in node.items():
        if key in ("$ref", "$dynamicRef") and isinstance(value, str) and not value.startswith("#"):
            return True
        if key == "$id" or _reaches_out(value):
            return True
    return False


def check_body(validator: jsonschema_rs.Draft202012Validator, place: Place, run: Run) -> None:
    """Note a problem for each of the first ten parts of the event's body that do not fit the mapping's `schema`."""
    for message, fix in run.once(("schema", validator), lambda: list(_misfits(validator, run.event.body))):
        run.refuse(place, "body_schema", message, fix)


def _misfits(validator: jsonschema_rs.Draft202012Validator, body: Any) -> Iterator[tuple[str, str]]:
    try:
        if validator.is_valid(body):
            return
        for error in islice(validator.iter_errors(body), 10):
            at = "/".join(str(step) for step in error.instance_path) or "the body"
            yield f"{at} does not fit `schema` ({error.kind.name})", "see the event's body"
    except (ValueError, TypeError, OverflowError):
        yield "the body holds what JSON Schema cannot judge", ""
