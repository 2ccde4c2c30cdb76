"""Reads the account of the sandbox from a YAML file and says everything that is wrong with it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bridge.errors import SettingsError
from bridge.model import Problem
from bridge.sandbox.account import Account, custom_field, default_account, journey, mail_list, standard_fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.sandbox.account import LeadField

_SECTIONS: dict[str, dict[str, type]] = {
    "lists": {"name": str, "key": str, "public": bool},
    "journeys": {"name": str, "key": str, "trigger_key": str, "reentry": bool, "active": bool},
    "fields": {"name": str, "type": str, "length": int, "values": list},
}
_WORDS = {str: "text", bool: "true or false", int: "a whole number", list: "a list"}


def read_account(path: Path) -> Account:
    """The account in the YAML file `path`.

    `lists`, `journeys` and `fields` hold objects with a `name` (or just the name); `do_not_mail` holds addresses.
    A section left out is the default account's; own `fields` come on top of the standard ones. Raises SettingsError
    with all problems, each with its line.
    """
    document = _document(path)
    problems = list(_problems(document, str(path)))
    if problems:
        raise SettingsError(problems)
    default = default_account()
    lists = tuple(mail_list(**entry) for entry in _entries(document, "lists"))
    journeys = tuple(journey(**entry) for entry in _entries(document, "journeys"))
    fields = tuple(_field(entry) for entry in _entries(document, "fields"))
    return Account(
        lists=lists if "lists" in document else default.lists,
        journeys=journeys if "journeys" in document else default.journeys,
        fields=(*standard_fields(), *fields) if "fields" in document else default.fields,
        do_not_mail=tuple(document.get("do_not_mail") or ()),
    )


def _document(path: Path) -> Any:
    try:
        content = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([_problem(path, f"the account file {str(path)!r} cannot be read: {error}")]) from error
    except YAMLError as error:
        raise SettingsError([_syntax_problem(path, error)]) from error
    if not isinstance(content, dict):
        message = f"the account file {str(path)!r} is not a YAML mapping; begin it with `lists:`"
        raise SettingsError([_problem(path, message)])
    return content


def _problem(path: Path | str, message: str, line: int = 0) -> Problem:
    return Problem(code="account_file", message=message, file=str(path), line=line)


def _syntax_problem(path: Path, error: YAMLError) -> Problem:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    what = error.problem if isinstance(error, MarkedYAMLError) else str(error)
    line = mark.line + 1 if mark else 0
    first_line = str(what or error).splitlines()[0]
    return _problem(path, f"{path}:{line}: not readable as YAML: {first_line}", line)


def _problems(document: Any, file: str) -> Iterator[Problem]:
    known = (*_SECTIONS, "do_not_mail")
    for key in document:
        if key not in known:
            yield _at(document, key, file, f"unknown key {key!r}; known are {', '.join(known)}")
    for section, shape in _SECTIONS.items():
        yield from _section_problems(document, section, shape, file)
    blocked = document.get("do_not_mail") or []
    if not isinstance(blocked, list) or not all(isinstance(address, str) and "@" in address for address in blocked):
        yield _at(document, "do_not_mail", file, "do_not_mail must be a list of addresses")


def _section_problems(document: Any, section: str, shape: dict[str, type], file: str) -> Iterator[Problem]:
    entries = document.get(section) or []
    if not isinstance(entries, list):
        yield _at(document, section, file, f"{section} must be a list; put a dash before each entry")
        return
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        whole = entry if isinstance(entry, dict) else {"name": entry}
        for message in _entry_findings(whole, shape, seen):
            yield _at(entries, index, file, f"{section}[{index}]: {message}")


def _entry_findings(entry: dict[str, Any], shape: dict[str, type], seen: set[str]) -> Iterator[str]:
    for key, value in entry.items():
        if key not in shape:
            yield f"unknown key {key!r}; known are {', '.join(shape)}"
        elif not isinstance(value, shape[key]) or (shape[key] is int and isinstance(value, bool)):
            yield f"{key} must be {_WORDS[shape[key]]}, not {value!r}"
    if "name" not in entry or entry["name"] == "":
        yield "a name is missing"
    elif str(entry["name"]) in seen:
        yield f"the name {entry['name']!r} is used twice"
    seen.add(str(entry.get("name")))


def _at(container: Any, key: Any, file: str, message: str) -> Problem:
    """A problem at a key of a mapping or an index of a list; the reader keeps both places, counted from 0."""
    place = container.lc.data.get(key) if container.lc.data else None
    line = place[0] + 1 if place else 0
    return _problem(file, f"{file}:{line}: {message}", line)


def _entries(document: Any, section: str) -> Iterator[dict[str, Any]]:
    for entry in document.get(section) or []:
        yield dict(entry) if isinstance(entry, dict) else {"name": str(entry)}


def _field(entry: dict[str, Any]) -> LeadField:
    return custom_field(
        entry["name"],
        type=entry.get("type", "Text"),
        length=entry.get("length", 0),
        values=tuple(str(value) for value in entry.get("values", ())),
    )
