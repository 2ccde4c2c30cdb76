"""A JSON Schema error as a problem for a person: what is wrong, where, what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from bridge.mapping.text import did_you_mean, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError

    from bridge.mapping.document import Document, Path
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


def problem_of(error: ValidationError, document: Document) -> list[tuple[Path, Problem]]:
    """The problems behind one error, each with its path in the document."""
    return [
        (tuple(leaf.absolute_path), _told(leaf, extra, document)) for leaf in _leaves(error) for extra in _each(leaf)
    ]


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
    if error.validator == "required":
        return [key for key in _rules(error)["required"] if key not in _instance(error)][:1]
    return [""]


def _told(error: ValidationError, key: str, document: Document) -> Problem:
    path: Path = tuple(error.absolute_path)
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    match error.validator:
        case "additionalProperties":
            known = list(_rules(error).get("properties", {}))
            message = f"{key!r} is not known {'at the top of a mapping' if not path else f'under {name!r}'}"
            cure = did_you_mean(key, known)
            return document.problem((*path, key), "unknown_key", message, cure=cure, value=key, at_key=True)
        case "required":
            cure = f"add `{key}:`"
            return document.problem(path, "missing_key", f"`{key}` is missing", cure=cure)
        case "enum":
            return _choice(error, name, path, document)
        case "type" | "anyOf" | "oneOf":
            return _wrong_type(error, name, path, document)
        case "minItems" | "minProperties" | "minLength":
            return document.problem(path, "empty", f"`{name}` is empty", cure="fill it or remove it")
    return _other(error, name, path, document)


def _choice(error: ValidationError, name: str, path: Path, document: Document) -> Problem:
    shown = document.text(path) or str(error.instance)
    message = f"`{name}` cannot be {shown!r}"
    cure = did_you_mean(shown, [str(choice) for choice in _expected(error)])
    return document.problem(path, "unknown_choice", message, cure=cure, value=shown)


def _wrong_type(error: ValidationError, name: str, path: Path, document: Document) -> Problem:
    shown = document.text(path)
    wanted = _wanted(error)
    if error.instance is None:
        return document.problem(path, "empty", f"`{name}` is empty; it takes {wanted}", cure="fill it or remove it")
    is_value = isinstance(error.instance, str | int | float)
    found = repr(shown) if is_value else "a list" if isinstance(error.instance, list) else "keys with values"
    cure = f"write {wanted}"
    if wanted == "true or false" and shown.lower() in _YES:
        cure = f"write `{name}: {_YES[shown.lower()]}`"
    elif is_value and "and one test" in wanted:
        cure = f"write `{name}: {{from: {quoted(shown)}, present: true}}`, or another test"
    elif is_value and "a path" in wanted:
        cure = f"for fixed text write {{value: {quoted(shown)}}}"
    return document.problem(path, "wrong_type", f"`{name}` takes {wanted}, not {found}", cure=cure, value=shown[:200])


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
    if error.validator == "pattern" and name == "country":
        message, cure = f"`country` is two capitals, not {shown!r}", "write IN, GB, US, ..."
    elif error.validator == "uniqueItems":
        message, cure = f"`{name}` holds something twice", "keep it once"
    else:
        message, cure = (
            f"`{name}` cannot be {shown!r}",
            f"it breaks the rule {error.validator}: {_expected(error)}",
        )
    return document.problem(path, "bad_value", message, cure=cure, value=shown[:200])


def _rules(error: ValidationError) -> dict[str, Any]:
    return cast("dict[str, Any]", error.schema)


def _instance(error: ValidationError) -> Any:
    return error.instance


def _expected(error: ValidationError) -> Any:
    return error.validator_value
