"""A JSON Schema error as a problem for a person: what is wrong, where, what was meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import jsonschema_rs

from bridge.documents.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from jsonschema import Draft202012Validator, ValidationError

    from bridge.documents.document import Document, Path
    from bridge.model import Problem

_TYPES: Final = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}
_YES: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A compiled JSON Schema for files of one kind; `subject` names the kind: "a mapping".

    `hint` may know a better fix for a value of the wrong type: it gets the key's name, what the schema wants (a
    title or a type in words) and the value as written, and gives the fix or an empty text.
    """

    subject: str
    schema: Mapping[str, Any]
    validator: jsonschema_rs.Draft202012Validator
    hint: Callable[[str, str, str], str]

    def explaining(self) -> Draft202012Validator:
        """The validator that says where and why: a hundred times slower, and 0.2 s to import, so for bad files only."""
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema)


def compile_schema(
    schema: Mapping[str, Any], subject: str, hint: Callable[[str, str, str], str] = lambda name, wanted, shown: ""
) -> Schema:
    """The schema ready to check documents. A `title` in it says in words what a part takes."""
    return Schema(subject=subject, schema=schema, validator=jsonschema_rs.Draft202012Validator(dict(schema)), hint=hint)


def check(document: Document, schema: Schema, *, hidden: Collection[str] = ()) -> tuple[list[Problem], list[Path]]:
    """What does not fit the schema, as problems, and the paths of the parts that cannot be used.

    What stands under the keys `hidden` is not judged: it may hold a secret, and problems show values.
    """
    problems: list[Problem] = []
    broken: list[Path] = []
    if schema.validator.is_valid(document.data):
        return problems, broken
    for error in schema.explaining().iter_errors(document.data):
        if error.absolute_path and error.absolute_path[0] in hidden:
            continue
        for leaf in _leaves(error):
            problems += [_reported(leaf, key, document, schema) for key in _each(leaf)]
            broken.append(tuple(leaf.absolute_path))
    return problems, broken


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The errors of the branch that was meant: the one whose type the value has."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant = [found for found in branches.values() if not any(_is_wrong_type(inner, error) for inner in found)]
    if not meant:
        yield error
        return
    for inner in meant[0]:
        yield from _leaves(inner)


def _is_wrong_type(inner: ValidationError, outer: ValidationError) -> bool:
    return inner.validator == "type" and inner.absolute_path == outer.absolute_path


def _each(error: ValidationError) -> list[str]:
    """The keys an error is about: each unknown or missing one is a problem of its own."""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        return [key for key in error.instance if key not in _rules(error).get("properties", {})]
    if error.validator == "required":  # the validator gives one error for each missing key, named in its message only
        missing = [key for key in _rules(error)["required"] if key not in _instance(error)]
        return [key for key in missing if error.message.startswith(repr(key))] or missing[:1]
    return [""]


def _reported(error: ValidationError, key: str, document: Document, schema: Schema) -> Problem:
    path: Path = tuple(error.absolute_path)
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    match error.validator:
        case "additionalProperties":
            known = list(_rules(error).get("properties", {}))
            message = f"{key!r} is not known {f'at the top of {schema.subject}' if not path else f'under {name!r}'}"
            fix = did_you_mean(key, known)
            return document.problem((*path, key), "unknown_key", message, fix=fix, value=key, at_key=True)
        case "required":
            fix = f"add `{key}:`"
            return document.problem(path, "missing_key", f"`{key}` is missing", fix=fix, value=key)
        case "enum":
            return _choice(error, name, path, document)
        case "type" | "anyOf" | "oneOf":
            return _wrong_type(error, name, path, document, schema)
        case "minItems" | "minProperties" | "minLength":
            return document.problem(path, "empty", f"`{name}` is empty", fix="fill it or remove it")
    return _other(error, name, path, document)


def _choice(error: ValidationError, name: str, path: Path, document: Document) -> Problem:
    shown = document.text(path) or str(error.instance)
    message = f"`{name}` cannot be {shown!r}"
    fix = did_you_mean(shown, [str(choice) for choice in _expected(error)])
    return document.problem(path, "unknown_choice", message, fix=fix, value=shown)


def _wrong_type(error: ValidationError, name: str, path: Path, document: Document, schema: Schema) -> Problem:
    shown = document.text(path)
    wanted = _wanted(error)
    if error.instance is None:
        return document.problem(path, "empty", f"`{name}` is empty; it takes {wanted}", fix="fill it or remove it")
    is_value = isinstance(error.instance, str | int | float)
    found = repr(shown) if is_value else "a list" if isinstance(error.instance, list) else "keys with values"
    fix = "start each entry with a dash" if wanted.startswith("a list") else f"write {wanted}"
    if wanted == "true or false" and shown.lower() in _YES:
        fix = f"write `{name}: {_YES[shown.lower()]}`"
    elif is_value:
        fix = schema.hint(name, wanted, shown) or fix
    return document.problem(path, "wrong_type", f"`{name}` takes {wanted}, not {found}", fix=fix, value=shown[:200])


def _wanted(error: ValidationError) -> str:
    title = _rules(error).get("title")
    if title:
        return str(title)
    if error.validator == "type":
        types = _expected(error)
        return " or ".join(_TYPES[kind] for kind in ([types] if isinstance(types, str) else types))
    kinds: dict[str, None] = {}
    for branch in _expected(error):
        types = branch.get("type", [])
        kinds.update(dict.fromkeys([types] if isinstance(types, str) else types))
    return " or ".join(_TYPES[kind] for kind in kinds)


def _other(error: ValidationError, name: str, path: Path, document: Document) -> Problem:
    shown = document.text(path)
    if error.validator == "pattern" and _rules(error).get("title"):
        title = _rules(error)["title"]
        message, fix = f"`{name}` is {title}, not {shown!r}", f"write {title}"
    elif error.validator == "uniqueItems":
        message, fix = f"`{name}` holds something twice", "keep it once"
    else:
        message, fix = (
            f"`{name}` cannot be {shown!r}",
            f"it breaks the rule {error.validator}: {_expected(error)}",
        )
    return document.problem(path, "bad_value", message, fix=fix, value=shown[:200])


def _rules(error: ValidationError) -> dict[str, Any]:
    return cast("dict[str, Any]", error.schema)


def _instance(error: ValidationError) -> Any:
    return error.instance


def _expected(error: ValidationError) -> Any:
    return error.validator_value
