"""The JSON Schema of mapping files, made from the tables of sources, verbs and tests; and a file's check against it.

`mapping.schema.json` next to this file is for editors; `python -m bridge.mapping.schema` writes it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final

from bridge import documents
from bridge.documents.verify_schema import verify_schema
from bridge.mapping.actions.action import ALL, WITHDRAWING
from bridge.mapping.actions.schema import ACTIONS
from bridge.mapping.values.habits import CHOICES, SYNONYMS, unknown_key
from bridge.mapping.values.rewrites import EXAMPLES, rewrite
from bridge.mapping.values.schema import CONDITION, FIELD, condition_schema, field_schema
from bridge.model import Kind, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.documents import Document, Path

FILE: Final = FilePath(__file__).with_name("mapping.schema.json")

ID: Final = "urn:leadbridge:schema:mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNames:
    """What an account has, for editors to complete: the names of its lists, its open journeys and its lead fields."""

    lists: Sequence[str] = ()
    journeys: Sequence[str] = ()
    fields: Sequence[str] = ()


def build(account: AccountNames = AccountNames()) -> dict[str, Any]:
    """The schema of a mapping file as JSON data; with an account, its names are offered, and others stay allowed."""
    made = _built()
    made["properties"]["lead"]["properties"] |= {name: FIELD for name in account.fields if name != "Lead Email"}
    _offer(made["$defs"]["subscribe"]["properties"]["list"], account.lists)
    _offer(made["$defs"]["trigger"]["properties"]["list"], account.lists)
    _offer(made["$defs"]["trigger"]["properties"]["journey"], account.journeys)
    return made


def _offer(part: dict[str, Any], names: Sequence[str]) -> None:
    if names:
        part["anyOf"].insert(0, {"enum": list(names), "description": "One of the account's."})


def _built() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Leadbridge mapping",
        "description": "How one hook's events become leads of Zoho Marketing Automation.",
        "type": "object",
        "additionalProperties": False,
        "required": ["preset"],
        "properties": _top_level(),
        "$defs": {"field": field_schema(), "condition": condition_schema(), **ACTIONS},
    }


def _top_level() -> dict[str, Any]:
    return {
        "preset": {"type": "string", "description": "The sender: how its requests are verified and read."},
        "secrets": {
            "type": "object",
            "description": "For each role (signing, token, password) the NAME of the variable that holds the secret, "
            "or several names while a secret is changed. Never the secret itself.",
            "additionalProperties": {"anyOf": [_variable(), {"type": "array", "minItems": 1, "items": _variable()}]},
        },
        "verify": verify_schema(texts=("none",), is_mapping=True),
        "account": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]*$",
            "description": "Which of the Zoho accounts in LEADBRIDGE_ACCOUNTS gets the leads.",
        },
        "priority": {
            "enum": ["live", "bulk"],
            "description": "bulk: these leads are an import or the like, and yield to the leads of all other hooks.",
        },
        "live": {"type": "boolean", "description": "false: receive, map and show everything, send nothing (a draft)."},
        "refuse_with_422": {
            "type": "boolean",
            "description": "true: answer 422 instead of 202 when an event is refused. Some senders switch a hook off.",
        },
        "accept": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": [str(kind) for kind in Kind]},
            "description": "The kinds of events that may become leads; [submission, update] unless written.",
        },
        **_of_the_event(),
    }


def _of_the_event() -> dict[str, Any]:
    """The keys that look into the event, in the order it meets them."""
    return {
        "id": {
            **FIELD,
            "description": "What makes an event unique where the sender gives no id: a path, a source, or a template "
            'such as "{body.order}-{type}".',
        },
        "fetch": {
            "type": "object",
            "additionalProperties": False,
            "required": ["token"],
            "properties": {"token": _variable()},
            "description": "For a sender of ids only: the NAME of the variable that holds the token with which "
            "its answers are fetched.",
        },
        "each": {
            "type": "string",
            "minLength": 1,
            "title": "a path to a list",
            "description": "Several leads in one event: a path to the list that holds them (body.attendees). Each "
            "element becomes an event of its own, and is found under `item`: item.email.",
        },
        "schema": {
            "type": ["object", "boolean"],
            "description": "A JSON Schema for the event's body; an event that does not fit is refused.",
        },
        "consent": {
            "description": "What shows that the person agreed: a source (its test is `agreed` unless written), "
            "a condition, or {not_asked: why}. Needed wherever an action is named.",
            "anyOf": [{"type": "string"}, *condition_schema(more=_NOT_ASKED, test_needed=False)["anyOf"]],
        },
        "withdraw": {
            "type": "object",
            "additionalProperties": False,
            "required": ["when", "actions"],
            "description": "People who want to leave: which events say so, and what is done for them. Needs no consent "
            "and no other field than the address; what waits for the person is cancelled.",
            "properties": {
                "when": {**CONDITION, "description": "The events by which somebody withdraws, of whatever kind."},
                "actions": {**_actions(WITHDRAWING), "minItems": 1},
            },
        },
        "when": {**CONDITION, "description": "Events for which this does not hold are ignored."},
        "lead": {
            "type": "object",
            "description": "The lead's fields by the names Zoho shows. `Lead Email` is always needed.",
            "properties": {"Lead Email": {**FIELD, "description": "The address by which the lead is known."}},
            "additionalProperties": FIELD,
        },
        "actions": {**_actions(ALL), "description": "What is done for each lead, in this order."},
    }


def _actions(names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {name: {"$ref": f"#/$defs/{name}"} for name in names},
        },
    }


_NOT_ASKED: Final[dict[str, Any]] = {
    "not_asked": {"type": "string", "minLength": 3, "description": "Why nobody is asked; stored with each event."}
}


def _variable() -> dict[str, Any]:
    return {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$", "description": "A variable's name: TYPEFORM_SECRET."}


def check(read: Document) -> tuple[list[Problem], list[Path]]:
    """What in the file does not fit the schema, as problems, and the paths of the parts that cannot be compiled."""
    if not isinstance(read.data, dict):
        message = "a mapping is a list of keys, of which `preset` is the first"
        return [read.problem((), "not_a_mapping", message, fix="see mappings/README.md")], [()]
    problems, broken = documents.check(read, _compiled(), hidden=("secrets", "fetch"))
    return problems, [path for path in broken if not _may_be_ignored(path)]


def _may_be_ignored(path: Path) -> bool:
    """Whether a broken part is a key of an action, or of `withdraw`, that is not known: the rest is compiled."""
    of, key = path[-2:] if len(path) > 1 else ("", "")
    if of == "withdraw":
        return key not in ("when", "actions")
    made = ACTIONS.get(str(of), {})
    keys = {name for one in (made, *made.get("anyOf", ())) for name in one.get("properties", ())}
    return bool(keys) and key not in keys


@lru_cache(maxsize=1)
def _compiled() -> documents.Schema:
    return documents.compile_schema(
        build(),
        "a mapping",
        documents.Meanings(rewrite=rewrite, unknown_key=unknown_key, keys=SYNONYMS, values=CHOICES, examples=EXAMPLES),
    )


def as_text(account: AccountNames = AccountNames()) -> str:
    """The schema as the text of `mapping.schema.json`, or of an account's own."""
    return json.dumps(build(account), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
