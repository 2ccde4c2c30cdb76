"""The JSON Schema of actions."""

from __future__ import annotations

from typing import Any, Final

from bridge.mapping.values.schema import CONDITION, FIELD, SCALAR, field_schema


def _part(doc: str) -> dict[str, Any]:
    return {"description": doc, "anyOf": [{"type": SCALAR[:2], "minLength": 1}, field_schema()["anyOf"][1]]}


def _list() -> dict[str, Any]:
    return {
        "list": _part("The list's name, or a source whose value is its name (often with `lookup`)."),
        "listkey": _part("The list's key, which stays the same when the list is renamed."),
    }


def _common() -> dict[str, Any]:
    return {
        "when": {**CONDITION, "description": "The action happens only for events for which this holds."},
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
        "fields": {"type": "object", "additionalProperties": FIELD, "description": "Fields added for this list only."},
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
    bare = {"type": SCALAR[:2], "minLength": 1}
    return {"title": "a tag's name, or keys with a `name`", "description": doc, "anyOf": [bare, written]}


_CREATE: Final[dict[str, Any]] = {
    "create": {"type": "boolean", "description": "true: the tag is created in Zoho when the account lacks it."}
}
ACTIONS: Final[dict[str, Any]] = {
    "subscribe": _subscribe(),
    "trigger": _trigger(),
    "unsubscribe": _unsubscribe(),
    "do_not_mail": _do_not_mail(),
    "tag": _tag(
        "Give the lead a tag (Assign Tag API). Only active leads can have one; others are waited for.", _CREATE
    ),
    "untag": _tag("Take a tag from the lead (Remove Tag API).", {}),
}
