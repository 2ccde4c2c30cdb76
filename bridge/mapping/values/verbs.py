"""The one table of verbs: what may be done to a value between its source and its field.

The schema, the checks and the documentation are made from it. Verbs run in the table's order, whatever order they
are written in. All of them end: there are no loops and no patterns of the user's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.mapping.values import verb_functions as steps
from bridge.mapping.values.formats import READINGS, SHAPES
from bridge.mapping.values.names import PARTS
from bridge.mapping.values.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Step

    Compile = Callable[[Mapping[str, Any], Build, Path], Step]

_SCALAR: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"]}
_TABLE: Final[dict[str, Any]] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
_COUNTRY: Final[dict[str, Any]] = {
    "type": "string",
    "pattern": "^[A-Z]{2}$",
    "title": "two capitals such as IN, GB or US",
}
_COUNTRY_SOURCE: Final[dict[str, Any]] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        **{
            source.name: {**source.takes, "description": source.doc}
            for source in SOURCES
            if source.name not in ("value", "first_of")
        },
        "default": {**_COUNTRY, "description": "The country where the event has none that is known."},
    },
}
_STEP: Final[dict[str, Any]] = {"type": ["string", "integer"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: what it takes (as JSON Schema), what it gives, what becomes of a value it cannot work on.

    `example` is a field as it is written, the value it finds at `body.x` (as JSON), and the text that is sent.
    A verb without `compile` says more about another one (`unmatched` about `lookup`), named in `belongs_to`, or is
    carried out by the field itself (`default`, `required`).
    """

    name: str
    takes: Mapping[str, Any]
    doc: str
    gives: str
    example: tuple[str, str, str]
    failure: str = ""
    belongs_to: str = ""
    compile: Compile | None = None


VERBS: Final = (
    Verb(
        name="parse",
        takes={"enum": ["json", "list"]},
        doc="Read a text that holds JSON, or a list written as text (`a, b`, `a;b`, `||a||b||`, one a line).",
        gives="the value inside the text",
        example=('{from: body.x, parse: list, join: " + "}', '"||Engines||Poetry||"', "Engines + Poetry"),
        failure="left out with a warning",
        compile=steps.parse,
    ),
    Verb(
        name="split",
        takes={"type": "string", "minLength": 1},
        doc="Cut a text into a list at each of this separator.",
        gives="a list of texts without blank ones",
        example=('{from: body.x, split: "/", take: 1}', '"Europe/London"', "London"),
        compile=steps.split,
    ),
    Verb(
        name="where",
        takes=_TABLE,
        doc="Of a list of objects keep those whose parts have these values: {primary: true}.",
        gives="a shorter list",
        example=(
            "{from: body.x, where: {primary: true}, take: [first, value]}",
            '[{"value": "a@example.com", "primary": false}, {"value": "b@example.com", "primary": true}]',
            "b@example.com",
        ),
        compile=steps.where,
    ),
    Verb(
        name="take",
        takes={"anyOf": [_STEP, {"type": "array", "items": _STEP, "minItems": 1}]},
        doc="Take a part: first, last, a position (0 is the first), or a key of an object; a list of these is "
        "followed one after the other.",
        gives="the part, or blank",
        example=("{from: body.x, take: last}", '["Engines", "Poetry"]', "Poetry"),
        compile=steps.take,
    ),
    Verb(
        name="name",
        takes={"enum": list(PARTS)},
        doc="Split a full name: first (Ada), last (de la Cruz), or rest (all but the first name).",
        gives="a part of the name; a single word is a first name",
        example=("{from: body.x, name: last}", '"Juana de la Cruz"', "de la Cruz"),
        compile=steps.name,
    ),
    Verb(
        name="lookup",
        takes=_TABLE,
        doc="Replace a value by the one next to it in this table; letter case does not matter. "
        "A value of null leaves the field out on purpose.",
        gives="the value from the table; of a list, each one's",
        example=("{from: body.x, lookup: {starter: Basic, team: Pro}}", '"Team"', "Pro"),
        failure="as `unmatched` says",
        compile=steps.lookup,
    ),
    Verb(
        name="unmatched",
        takes={
            "anyOf": [
                {"type": ["string", "number", "boolean"]},
                {
                    "type": "object",
                    "properties": {"value": _SCALAR},
                    "required": ["value"],
                    "additionalProperties": False,
                },
            ]
        },
        doc="For a value that `lookup` does not know: leave_out (with a warning; this is the default), keep, refuse "
        "(the event), or the text to send instead.",
        gives="what `lookup` could not",
        example=("{from: body.x, lookup: {IN: India}, unmatched: keep}", '"Norway"', "Norway"),
        belongs_to="lookup",
    ),
    Verb(
        name="replace",
        takes=_TABLE,
        doc="Replace each of these texts inside the value by the one next to it, in the order written.",
        gives="a text",
        example=('{from: body.x, replace: {"-": " ", _: " "}}', '"first-class_ticket"', "first class ticket"),
        compile=steps.replace,
    ),
    Verb(
        name="as",
        takes={"enum": list(SHAPES)},
        doc="Bring the value into a form: text, email, phone (+442079460958), date (mm/dd/yyyy), datetime "
        "(mm/dd/yyyy hh:mm:ss), number, integer, boolean (true or false).",
        gives="a text in that form",
        example=("{from: body.x, as: date}", '"2026-03-04T20:00:00Z"', "03/04/2026"),
        failure="left out with a warning",
        compile=steps.as_format,
    ),
    Verb(
        name="country",
        takes={"anyOf": [_COUNTRY, _COUNTRY_SOURCE]},
        doc="The country of phone numbers written without one: two capitals (IN, GB, US), or where the event has "
        "it, as a code or a name in some 35 languages or forms (Korea, Republic of): {answer: Country, default: IN}. "
        "A name that fits two countries (Virgin Islands) is none: the default counts.",
        gives="a country code",
        example=("{from: body.x, as: phone, country: GB}", '"020 7946 0958"', "+442079460958"),
        belongs_to="as",
    ),
    Verb(
        name="zone",
        takes={"type": "string", "minLength": 1},
        doc="The time zone in which a date or time is sent, and read where it names none: Asia/Kolkata, UTC. It also "
        "decides which zone an abbreviation such as IST means.",
        gives="a time zone",
        example=("{from: body.x, as: date, zone: Asia/Kolkata}", '"2026-03-04T20:00:00Z"', "03/05/2026"),
        belongs_to="as",
    ),
    Verb(
        name="read",
        takes={"enum": list(READINGS)},
        doc="How to read it: day_first, month_first, year_first, seconds or milliseconds (since 1970) for dates; "
        "decimal_comma or decimal_point for numbers.",
        gives="a way of reading",
        example=("{from: body.x, as: date, read: day_first}", '"03/04/2025"', "04/03/2025"),
        belongs_to="as",
    ),
    Verb(
        name="case",
        takes={"enum": ["upper", "lower", "title"]},
        doc="Change the letter case: upper, lower, or title (Each Word).",
        gives="a text",
        example=("{from: body.x, case: title}", '"ada LOVELACE"', "Ada Lovelace"),
        compile=steps.case,
    ),
    Verb(
        name="join",
        takes={"type": "string"},
        doc='What stands between the items when a list becomes a text; ", " unless given.',
        gives="a text",
        example=('{from: body.x, join: ";"}', '["Engines", "", "Poetry"]', "Engines;Poetry"),
        compile=steps.join,
    ),
    Verb(
        name="cut",
        takes={"type": "integer", "minimum": 1, "maximum": 32000},
        doc="Keep at most so many characters.",
        gives="a shorter text",
        example=("{from: body.x, cut: 9}", '"Analytical Engines"', "Analytica"),
        compile=steps.cut,
    ),
    Verb(
        name="default",
        takes=_SCALAR,
        doc="The text to send when the value is blank. It overwrites what Zoho has.",
        gives="a text",
        example=("{from: body.x, default: unknown}", '""', "unknown"),
    ),
    Verb(
        name="required",
        takes={"type": "boolean"},
        doc="When true, an event without this value is refused instead of sent without the field.",
        gives="the value",
        example=("{from: body.x, required: true}", '"here"', "here"),
        failure="the event is refused",
    ),
)


_MISSING: Final = {
    ("country", ""): "phone",
    ("zone", ""): "date",
    ("read", ""): "date",
    ("read", "decimal_comma"): "number",
    ("read", "decimal_point"): "number",
}
"""The form (`as`) that a verb says more about: by the verb and its value."""


def compile_steps(node: Mapping[str, Any], build: Build, path: Path) -> tuple[Step, ...]:
    """The steps that a field's verbs ask for, in the table's order; problems go to `build`."""
    for verb in VERBS:
        if verb.belongs_to and verb.name in node and verb.belongs_to not in node:
            message = f"`{verb.name}` says more about `{verb.belongs_to}`, which is not here"
            missing = _MISSING.get((verb.name, str(node[verb.name])), _MISSING.get((verb.name, ""), ""))
            is_flow = missing and build.document.source(path).startswith("{")
            edit = build.document.at_key((*path, verb.name), f"as: {missing}, {verb.name}") if is_flow else None
            fix = "" if edit is not None else f"add `{verb.belongs_to}` or remove it"
            build.add((*path, verb.name), "stray_verb", message, fix, at_key=True, edit=edit)
    return tuple(verb.compile(node, build, path) for verb in VERBS if verb.compile and verb.name in node)


def described(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The verbs of a field in the order they run, with what they say more about them: `lookup`, `as: phone`."""
    return tuple(_shown(verb, node) for verb in VERBS if verb.name in node)


def described_steps(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The verbs of a field that are steps of their own, one for each function of `compile_steps`."""
    return tuple(_shown(verb, node) for verb in VERBS if verb.compile and verb.name in node)


def _shown(verb: Verb, node: Mapping[str, Any]) -> str:
    value = node[verb.name]
    return verb.name if isinstance(value, dict | list) else f"{verb.name}: {value}"
