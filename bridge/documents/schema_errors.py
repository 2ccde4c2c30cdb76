"""A JSON Schema error as a problem for a person: what is wrong, where, what was meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import jsonschema_rs

from bridge.documents.suggestions import closest, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from jsonschema import Draft202012Validator, ValidationError

    from bridge.documents.document import Document, Path
    from bridge.model import Edit, Problem

    Rewrite = Callable[[Document, Path, str, Any], Edit | None]

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

    `rewrite` may know what was meant by a value of the wrong type: it gets the document, the path, what the schema
    wants (a title or a type in words) and the value, and gives the edit or None. `synonyms` are
    words for keys, `examples` what stands behind a key that is missing.
    """

    subject: str
    schema: Mapping[str, Any]
    validator: jsonschema_rs.Draft202012Validator
    rewrite: Rewrite
    synonyms: Mapping[str, str]
    examples: Mapping[str, str]

    def explaining(self) -> Draft202012Validator:
        """The validator that says where and why: a hundred times slower, and 0.2 s to import, so for bad files only."""
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema)


def compile_schema(
    schema: Mapping[str, Any],
    subject: str,
    rewrite: Rewrite = lambda document, path, wanted, value: None,
    synonyms: Mapping[str, str] | None = None,
    examples: Mapping[str, str] | None = None,
) -> Schema:
    """The schema ready to check documents. A `title` in it says in words what a part takes."""
    validator = jsonschema_rs.Draft202012Validator(dict(schema))
    return Schema(
        subject=subject,
        schema=schema,
        validator=validator,
        rewrite=rewrite,
        synonyms=synonyms or {},
        examples=examples or {},
    )


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
            near = schema.synonyms.get(key.casefold(), "") or closest(key, known)
            meant = near if near in known and near not in _instance(error) else ""
            place = (*path, key)
            edit = document.at_key(place, meant) if meant else _unbraced(document, path)
            fix = f"did you mean {meant!r}?" if meant else "" if edit is not None else did_you_mean(key, known)
            return document.problem(place, "unknown_key", message, fix=fix, value=key, at_key=True, edit=edit)
        case "required":
            fix = f"add `{key}: {schema.examples.get(key, '...')}`"
            return document.problem(path, "missing_key", f"`{key}` is missing", fix=fix, value=key)
        case "enum":
            return _choice(error, name, path, document)
        case "type" | "anyOf" | "oneOf":
            return _wrong_type(error, name, path, document, schema)
        case "minLength" if error.instance:
            message = f"`{name}` is too short to say anything"
            return document.problem(path, "bad_value", message, fix="say it in a few words", value=str(error.instance))
        case "minItems" | "minProperties" | "minLength":
            edit = document.without(path)
            return document.problem(path, "empty", f"`{name}` is empty", fix="fill it or remove it", edit=edit)
    return _other(error, name, path, document, schema)


def _choice(error: ValidationError, name: str, path: Path, document: Document) -> Problem:
    shown = document.text(path) or str(error.instance)
    message = f"`{name}` cannot be {shown!r}"
    choices = [str(choice) for choice in _expected(error)]
    near = closest(shown, choices)
    edit = document.at_value(path, near) if near else None
    return document.problem(path, "unknown_choice", message, fix=did_you_mean(shown, choices), value=shown, edit=edit)


def _wrong_type(error: ValidationError, name: str, path: Path, document: Document, schema: Schema) -> Problem:
    shown = document.text(path)
    wanted = _wanted(error)
    if error.instance is None:
        message = f"`{name}` is empty; it takes {wanted}"
        return document.problem(path, "empty", message, fix="fill it or remove it", edit=document.without(path))
    is_value = isinstance(error.instance, str | int | float)
    found = repr(shown) if is_value else "a list" if isinstance(error.instance, list) else "keys with values"
    message = f"`{name}` takes {wanted}, not {found}"
    value = error.instance
    edit = schema.rewrite(document, path, wanted, value) or _usual_rewrite(document, path, wanted, value)
    fix = "" if edit is not None else f"write {wanted}"
    return document.problem(path, "wrong_type", message, fix=fix, value=shown[:200], edit=edit)


def _usual_rewrite(document: Document, path: Path, wanted: str, value: Any) -> Edit | None:
    """What is most likely meant by a value of another type, in any file."""
    if wanted.startswith("true or false") and isinstance(value, str | int):
        return document.at_value(path, _YES.get(str(value).lower(), "false"))
    if wanted.startswith("a list") and isinstance(value, dict):
        return _each_line(document, path, "- ") if _is_block(document, path) else _in_brackets(document, path)
    if wanted.startswith("a list"):
        return _in_brackets(document, path)
    if wanted == "keys with values" and isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return _each_line(document, path, "")
    return None


def _in_brackets(document: Document, path: Path) -> Edit | None:
    return document.at_value(path, f"[{document.source(path)}]")


def _is_block(document: Document, path: Path) -> bool:
    return not document.source(path).startswith("{")


def _each_line(document: Document, path: Path, start: str) -> Edit | None:
    """A block whose entries all start with a dash, or all without one."""
    line, column = document.values[path]
    indent = " " * (column - 1)
    lines = document.source(path).splitlines()
    bare = [indent + lines[0], *lines[1:]]
    if start:
        marks = {document.keys[(*path, key)][0] for key in _value_at(document, path)}
        dashes = (start if line + number in marks else "  " for number in range(len(bare)))
        changed = [indent + dash + text[column - 1 :] for dash, text in zip(dashes, bare, strict=True)]
    else:
        changed = [indent + text[column + 1 :] for text in bare]
    return document.at_value(path, "\n".join(changed)[column - 1 :])


def _value_at(document: Document, path: Path) -> Any:
    value = document.data
    for step in path:
        value = value[step]
    return value


def _unbraced(document: Document, path: Path) -> Edit | None:
    """`{{ contact.email }}`, as template languages write a path."""
    source = document.source(path)
    inner = source.strip("{} ")
    return document.at_value(path, inner) if source.startswith("{{") and inner and ":" not in inner else None


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


def _other(error: ValidationError, name: str, path: Path, document: Document, schema: Schema) -> Problem:
    shown = document.text(path)
    if error.validator == "pattern" and _rules(error).get("title"):
        title = _rules(error)["title"]
        message, fix = f"`{name}` is {title}, not {shown!r}", f"write {title}"
        edit = schema.rewrite(document, path, title, error.instance)
        if edit is not None:
            return document.problem(path, "bad_value", message, value=shown[:200], edit=edit)
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
