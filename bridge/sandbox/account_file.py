"""Reads the account of the sandbox from a YAML file and says everything that is wrong with it at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from bridge import documents
from bridge.errors import SettingsError
from bridge.model import Problem, Severity
from bridge.sandbox.account import Account, custom_field, default_account, journey, mail_list, standard_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bridge.documents import Document
    from bridge.sandbox.account import LeadField

_NAME: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"], "minLength": 1}
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_FLAG: Final[dict[str, Any]] = {"type": "boolean"}
_SECTIONS: Final[dict[str, dict[str, Any]]] = {
    "lists": {"name": _NAME, "key": _TEXT, "public": _FLAG},
    "journeys": {"name": _NAME, "key": _TEXT, "trigger_key": _TEXT, "reentry": _FLAG, "active": _FLAG, "tag": _TEXT},
    "fields": {"name": _NAME, "type": _TEXT, "length": {"type": "integer"}, "values": {"type": "array"}},
}


def read_account(path: Path) -> Account:
    """The account in the YAML file `path`.

    `lists`, `journeys` and `fields` hold objects with a `name` (or just the name); `do_not_mail` holds addresses,
    `tags` names. A section left out is the default account's; own `fields` come on top of the standard ones. Raises
    SettingsError with all problems, each with its line.
    """
    read = _read(path)
    problems = list(read.found)
    if read.data is not None or not problems:
        problems += documents.check(read, _schema())[0]
        problems += (*_twins(read), *_unknown_tags(read))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise SettingsError(sorted(errors, key=lambda problem: (problem.line, problem.column)))
    return _account(read.data)


def _read(path: Path) -> Document:
    try:
        return documents.load(path.read_text(encoding="utf-8"), file=str(path))
    except (OSError, UnicodeDecodeError) as error:
        message = f"the account file {str(path)!r} cannot be read: {error}"
        raise SettingsError([Problem(code="account_file", message=message, file=str(path))]) from error


@lru_cache(maxsize=1)
def _schema() -> documents.Schema:
    sections = {name: {"type": ["array", "null"], "items": _entry(form)} for name, form in _SECTIONS.items()}
    blocked = {"type": ["array", "null"], "items": {"type": "string", "pattern": "@", "title": "an address"}}
    whole = {
        "type": "object",
        "title": "keys, of which `lists` is the first",
        "additionalProperties": False,
        "properties": {**sections, "do_not_mail": blocked, "tags": {"type": ["array", "null"], "items": _NAME}},
    }
    return documents.compile_schema(whole, "the account file")


def _entry(form: Mapping[str, Any]) -> dict[str, Any]:
    whole = {"type": "object", "required": ["name"], "additionalProperties": False, "properties": dict(form)}
    return {"title": "a name, or keys with a name", "anyOf": [_NAME, whole]}


def _twins(read: Document) -> Iterator[Problem]:
    """A problem for each name that stands twice in one section."""
    for section in _SECTIONS:
        seen: set[str] = set()
        for number, entry in enumerate(_entries(read.data, section)):
            name = str(entry.get("name", ""))
            if name and name in seen:
                path = (section, number)
                yield read.problem(path, "twin", f"the name {name!r} is used twice", fix="keep it once", value=name)
            seen.add(name)


def _unknown_tags(read: Document) -> Iterator[Problem]:
    """A problem for each journey that starts by a tag which the account does not have: it would never start."""
    listed = read.data.get("tags", default_account().tags) if isinstance(read.data, dict) else ()
    known = [str(name) for name in listed] if isinstance(listed, list | tuple) else []
    for number, entry in enumerate(_entries(read.data, "journeys")):
        tag = str(entry.get("tag", ""))
        if tag and tag not in known:
            near = documents.closest(tag, known)
            fix = f"did you mean {near!r}?" if near else f"add it: `tags: [{', '.join((*known, tag))}]`"
            message = f"the account has no tag {tag!r}, by which the journey starts"
            yield read.problem(("journeys", number, "tag"), "unknown_tag", message, fix=fix, value=tag)


def _entries(data: Any, section: str) -> Iterator[dict[str, Any]]:
    entries = data.get(section) if isinstance(data, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        yield {**entry, "name": str(entry.get("name", ""))} if isinstance(entry, dict) else {"name": str(entry)}


def _account(data: Mapping[str, Any]) -> Account:
    default = default_account()
    lists = tuple(mail_list(**entry) for entry in _entries(data, "lists"))
    journeys = tuple(journey(**entry) for entry in _entries(data, "journeys"))
    fields = tuple(_field(entry) for entry in _entries(data, "fields"))
    return Account(
        lists=lists if "lists" in data else default.lists,
        journeys=journeys if "journeys" in data else default.journeys,
        fields=(*standard_fields(), *fields) if "fields" in data else default.fields,
        do_not_mail=tuple(data.get("do_not_mail") or ()),
        tags=tuple(str(name) for name in data["tags"] or ()) if "tags" in data else default.tags,
    )


def _field(entry: dict[str, Any]) -> LeadField:
    return custom_field(
        entry["name"],
        type=entry.get("type", "Text"),
        length=entry.get("length", 0),
        values=tuple(str(value) for value in entry.get("values", ())),
    )
