"""A JSON Schema error as a problem for a person: what is wrong, where, what was meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import jsonschema_rs

from bridge.documents.suggestions import closest, did_you_mean, known_here
from bridge.documents.usual_rewrites import usual_rewrite
from bridge.web_address import without_credential

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from jsonschema import Draft202012Validator, ValidationError

    from bridge.documents.document import Document, Path
    from bridge.model import Edit, Problem

    Rewrite = Callable[[Document, Path, str, Any], Edit | None]
    UnknownKey = Callable[[Document, Path, str, Any], tuple[str, Edit | None]]

_TYPES: Final = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}
_RULES: Final = {
    "minimum": "at least {0}",
    "maximum": "at most {0}",
    "exclusiveMinimum": "more than {0}",
    "maxLength": "a text of at most {0} characters",
    "maxItems": "at most {0} entries",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """What people mean by what a kind of file does not take.

    `rewrite` may know what was meant by a value of the wrong type: it gets the document, the path, what the schema
    wants (a title or a type in words) and the value, and gives the edit or None. `unknown_key` gets the path, the
    key and its value, and gives a fix in words, "" for none, and an edit or None. `keys` and `values` are words of
    other products, `examples` what stands behind a key that is missing.
    """

    rewrite: Rewrite = lambda document, path, wanted, value: None
    unknown_key: UnknownKey = lambda document, path, key, value: ("", None)
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A compiled JSON Schema for files of one kind; `subject` names the kind: "a mapping"."""

    subject: str
    schema: Mapping[str, Any]
    validator: jsonschema_rs.Draft202012Validator
    meanings: Meanings

    def explaining(self) -> Draft202012Validator:
        """The validator that says where and why: a hundred times slower, and 0.2 s to import, so for bad files only."""
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema)


NO_MEANINGS: Final = Meanings()


def compile_schema(
    schema: Mapping[str, Any],
    subject: str,
    meanings: Meanings = NO_MEANINGS,
) -> Schema:
    """The schema ready to check documents. A `title` in it says in words what a part takes."""
    validator = jsonschema_rs.Draft202012Validator(dict(schema))
    return Schema(
        subject=subject,
        schema=schema,
        validator=validator,
        meanings=meanings,
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
            found = [(key, _reported(leaf, key, document, schema)) for key in _each(leaf)]
            for _, problem in found:
                if problem.edit is None or all(problem.edit != one.edit for one in problems):
                    problems.append(problem)  # one mistake is one problem
            at = tuple(leaf.absolute_path)
            is_unknown = leaf.validator == "additionalProperties"
            broken += [(*at, key) for key, _ in found] if is_unknown else [at]
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
    return inner.validator in ("type", "const") and inner.absolute_path == outer.absolute_path


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
            place = (*path, key)
            if key == "?":
                place, message = path, f"{name!r} has braces inside braces, as templates of other tools"
            near = (*schema.meanings.keys.get(key.casefold(), ()), closest(key, known))
            meant = next((one for one in near if one in known and one not in _instance(error)), "")
            fix, edit = "", None
            if meant.casefold() != key.casefold():
                fix, edit = schema.meanings.unknown_key(document, path, key, _instance(error)[key])
            if meant and not fix and edit is None:
                fix, edit = f"did you mean {meant!r}?", document.at_key(place, meant)
            elif not fix and edit is None:
                fix = did_you_mean(key, [one for one in known if one not in _instance(error)])
            advice = known_here(one for one in known if one not in _instance(error))
            return document.problem(
                place, "unknown_key", message, fix=fix, advice=advice, value=key, at_key=place != path, edit=edit
            )
        case "required":
            add = f"add `{key}: {schema.meanings.examples.get(key, '...')}`"
            edit = schema.meanings.rewrite(document, path, "", _instance(error))
            fix = add if edit is None else ""
            message = f"`{key}` is missing"
            return document.problem(path, "missing_key", message, fix=fix, advice=add, value=key, edit=edit)
        case "enum":
            return _choice(error, name, path, document, schema)
        case "type" | "anyOf" | "oneOf":
            return _wrong_type(error, name, path, document, schema)
        case "minLength" if error.instance:
            message = f"`{name}` is too short to say anything"
            return document.problem(path, "bad_value", message, fix="say it in a few words", value=str(error.instance))
        case "minItems" | "minProperties" | "minLength":
            return _empty(path, f"`{name}` is empty", document)
    return _other(error, name, path, document, schema)


def _empty(path: Path, message: str, document: Document, example: str = "") -> Problem:
    fix, advice = "fill it or remove it", f"write `{path[-1]}: {example}`" if example else "fill it"
    return document.problem(path, "empty", message, fix=fix, advice=advice, edit=document.without(path))


def _choice(error: ValidationError, name: str, path: Path, document: Document, schema: Schema) -> Problem:
    shown = without_credential(document.text(path)) or str(error.instance)
    message = f"`{name}` cannot be {shown!r}"
    choices = [str(choice) for choice in _expected(error)]
    known = schema.meanings.values.get(shown.casefold(), "")
    near = known if known in choices else closest(shown, choices)
    edit = schema.meanings.rewrite(document, path, "one of these", error.instance)
    if near:
        edit = document.at_value(path, near)
    fix = "" if edit is not None and not near else f"did you mean {near!r}?" if near else did_you_mean(shown, choices)
    advice = known_here(choices)
    return document.problem(path, "unknown_choice", message, fix=fix, advice=advice, value=shown, edit=edit)


def _wrong_type(error: ValidationError, name: str, path: Path, document: Document, schema: Schema) -> Problem:
    shown = without_credential(document.text(path))
    wanted = _wanted(error)
    if error.instance is None:
        message = f"`{name}` is empty; it takes {wanted}"
        return _empty(path, message, document, schema.meanings.examples.get(name, ""))
    is_value = isinstance(error.instance, str | int | float)
    found = repr(shown) if is_value else "a list" if isinstance(error.instance, list) else "keys with values"
    message = f"`{name}` takes {wanted}, not {found}"
    value = error.instance
    edit = schema.meanings.rewrite(document, path, wanted, value) or usual_rewrite(document, path, wanted, value)
    fix = "" if edit is not None else f"write {wanted}"
    return document.problem(
        path, "wrong_type", message, fix=fix, advice=f"write {wanted}", value=shown[:200], edit=edit
    )


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
    shown = without_credential(document.text(path))
    if error.validator == "pattern" and _rules(error).get("title"):
        title = _rules(error)["title"]
        message, fix = f"`{name}` is {title}, not {shown!r}", f"write {title}"
        edit = schema.meanings.rewrite(document, path, title, error.instance)
        if edit is not None:
            return document.problem(path, "bad_value", message, value=shown[:200], edit=edit)
    elif error.validator == "uniqueItems":
        message, fix = f"`{name}` holds something twice", "keep it once"
    else:
        rule = _RULES.get(str(error.validator), "{0}").format(_expected(error))
        message, fix = f"`{name}` cannot be {shown!r}", f"write {rule}"
    return document.problem(path, "bad_value", message, fix=fix, value=shown[:200])


def _rules(error: ValidationError) -> dict[str, Any]:
    return cast("dict[str, Any]", error.schema)


def _instance(error: ValidationError) -> Any:
    return error.instance


def _expected(error: ValidationError) -> Any:
    return error.validator_value
