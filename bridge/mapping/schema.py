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
from bridge.mapping.values.conditions import TEST_DOCS
from bridge.mapping.values.rewrites import EXAMPLES, SYNONYMS, rewrite
from bridge.mapping.values.sources import SOURCES
from bridge.mapping.values.verbs import VERBS
from bridge.model import Kind, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.documents import Document, Path

FILE: Final = FilePath(__file__).with_name("mapping.schema.json")

ID: Final = "urn:leadbridge:schema:mapping"

_SCALAR: Final[list[str]] = ["string", "number", "boolean"]
_CONDITION: Final[dict[str, Any]] = {"$ref": "#/$defs/condition"}
_FIELD: Final[dict[str, Any]] = {"$ref": "#/$defs/field"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNames:
    """What an account has, for editors to complete: the names of its lists, its open journeys and its lead fields."""

    lists: Sequence[str] = ()
    journeys: Sequence[str] = ()
    fields: Sequence[str] = ()


def build(account: AccountNames = AccountNames()) -> dict[str, Any]:
    """The schema of a mapping file as JSON data; with an account, its names are offered, and others stay allowed."""
    made = _built()
    made["properties"]["lead"]["properties"] |= {name: _FIELD for name in account.fields if name != "Lead Email"}
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
        "$defs": {"field": _field(), "condition": _condition(), **_ACTIONS},
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
            **_FIELD,
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
            "anyOf": [{"type": "string"}, *_condition(more=_NOT_ASKED, test_needed=False)["anyOf"]],
        },
        "withdraw": {
            "type": "object",
            "additionalProperties": False,
            "required": ["when", "actions"],
            "description": "People who want to leave: which events say so, and what is done for them. Needs no consent "
            "and no other field than the address; what waits for the person is cancelled.",
            "properties": {
                "when": {**_CONDITION, "description": "The events by which somebody withdraws, of whatever kind."},
                "actions": {**_actions(WITHDRAWING), "minItems": 1},
            },
        },
        "when": {**_CONDITION, "description": "Events for which this does not hold are ignored."},
        "lead": {
            "type": "object",
            "description": "The lead's fields by the names Zoho shows. `Lead Email` is always needed.",
            "properties": {"Lead Email": {**_FIELD, "description": "The address by which the lead is known."}},
            "additionalProperties": _FIELD,
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
    "not_asked": {"type": "string", "minLength": 3, "description": "Why nobody is asked; kept with each event."}
}


def _variable() -> dict[str, Any]:
    return {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$", "description": "A variable's name: TYPEFORM_SECRET."}


def _sources() -> dict[str, Any]:
    return {source.name: {**source.takes, "description": source.doc} for source in SOURCES}


def _field() -> dict[str, Any]:
    verbs = {
        verb.name: {**verb.takes, "description": verb.doc + (f" If it cannot: {verb.failure}." if verb.failure else "")}
        for verb in VERBS
    }
    when = {"when": {**_CONDITION, "description": "The field is left out of events for which this does not hold."}}
    return {
        "title": "a path or a source with verbs",
        "anyOf": [
            {"type": "string", "minLength": 1, "description": "A path: contact.email, tracking.utm_source."},
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {**_sources(), **verbs, **when},
            },
        ],
    }


def _condition(*, more: dict[str, Any] | None = None, test_needed: bool = True) -> dict[str, Any]:
    sources = {name: takes for name, takes in _sources().items() if name not in ("value", "first_of")}
    tests = {name: {**takes, "description": doc} for name, (takes, doc) in TEST_DOCS.items()}
    some = {"any": {"type": "array", "minItems": 1, "items": _CONDITION, "description": "At least one of these holds."}}
    title = "a source and one test" if test_needed else "a source, with a test or without"
    return {
        "title": title,
        "anyOf": [
            {"type": "array", "minItems": 1, "items": _CONDITION, "description": "All of these hold."},
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {**sources, **tests, **some, **(more or {})},
            },
        ],
    }


def _part(doc: str) -> dict[str, Any]:
    return {"description": doc, "anyOf": [{"type": _SCALAR[:2], "minLength": 1}, _field()["anyOf"][1]]}


def _list() -> dict[str, Any]:
    return {
        "list": _part("The list's name, or a source whose value is its name (often with `lookup`)."),
        "listkey": _part("The list's key, which stays the same when the list is renamed."),
    }


def _common() -> dict[str, Any]:
    return {
        "when": {**_CONDITION, "description": "The action happens only for events for which this holds."},
        "on_doubt": {
            "enum": ["resend", "hold"],
            "description": "When a call got no answer: send again (resend), or let a person decide (hold).",
        },
    }


def _subscribe() -> dict[str, Any]:
    topics = _part("Topic ids: one, several with commas, or a list.")
    topics["anyOf"].append({"type": "array", "minItems": 1, "items": {"type": ["string", "number"]}})
    more = {
        "bulk": {
            "type": "boolean",
            "description": "true: a lead of whom nothing but the address is sent goes with nine others in one call "
            "(Add Leads in Bulk). Zoho then says nothing of each.",
        },
        "sources": _part("Where the lead came from, as Zoho's lead source."),
        "topics": topics,
        "fields": {"type": "object", "additionalProperties": _FIELD, "description": "Fields added for this list only."},
        "without": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields of `lead` that this list is not to get.",
        },
    }
    doc = "Add the lead to a list with its fields (Subscribe API)."
    return {
        "type": "object",
        "description": doc,
        "additionalProperties": False,
        "properties": {**_list(), **_common(), **more},
    }


def _trigger() -> dict[str, Any]:
    more = {
        "journey": _part("The journey's name. It must be open: it starts with the trigger for leads from outside."),
        "journeykey": _part("The journey's key; `triggerkey` is needed with it."),
        "triggerkey": _part("The key of the journey's trigger."),
    }
    doc = "Send the lead into a journey (Trigger Leads API); the list is that of the subscribe above unless named."
    return {
        "type": "object",
        "description": doc,
        "additionalProperties": False,
        "properties": {**more, **_list(), **_common()},
    }


def _unsubscribe() -> dict[str, Any]:
    doc = "Take the lead off a list (Unsubscribe API)."
    return {"type": "object", "description": doc, "additionalProperties": False, "properties": {**_list(), **_common()}}


def _do_not_mail() -> dict[str, Any]:
    written = {"type": "object", "additionalProperties": False, "properties": _common()}
    doc = "Put the address into the account's do-not-mail registry: no list mails it again."
    return {"title": "`true`, or keys such as `when`", "description": doc, "anyOf": [{"const": True}, written]}


def _tag(doc: str, more: dict[str, Any]) -> dict[str, Any]:
    name = {"name": _part("The tag's name, or a source whose value is its name (often with `lookup`).")}
    written = {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {**name, **more, **_common()},
    }
    bare = {"type": _SCALAR[:2], "minLength": 1}
    return {"title": "a tag's name, or keys with a `name`", "description": doc, "anyOf": [bare, written]}


_CREATE: Final[dict[str, Any]] = {
    "create": {"type": "boolean", "description": "true: the tag is created in Zoho when the account lacks it."}
}
_ACTIONS: Final[dict[str, Any]] = {
    "subscribe": _subscribe(),
    "trigger": _trigger(),
    "unsubscribe": _unsubscribe(),
    "do_not_mail": _do_not_mail(),
    "tag": _tag(
        "Give the lead a tag (Assign Tag API). Only active leads can have one; others are waited for.", _CREATE
    ),
    "untag": _tag("Take a tag from the lead (Remove Tag API).", {}),
}


def check(read: Document) -> tuple[list[Problem], list[Path]]:
    """What in the file does not fit the schema, as problems, and the paths of the parts that cannot be compiled."""
    if not isinstance(read.data, dict):
        message = "a mapping is a list of keys, of which `preset` is the first"
        return [read.problem((), "not_a_mapping", message, fix="see mappings/README.md")], [()]
    return documents.check(read, _compiled(), hidden=("secrets", "fetch"))


@lru_cache(maxsize=1)
def _compiled() -> documents.Schema:
    return documents.compile_schema(build(), "a mapping", rewrite, SYNONYMS, EXAMPLES)


def as_text(account: AccountNames = AccountNames()) -> str:
    """The schema as the text of `mapping.schema.json`, or of an account's own."""
    return json.dumps(build(account), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
