"""Where a value comes from: the sources a field or a condition may name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.documents import closest, did_you_mean, quoted
from bridge.errors import PathError
from bridge.expressions import MISSING, compile_path, compile_steps, normal_label, plain_steps
from bridge.mapping.context import CONTACT_PARTS, ROOTS, FormatError, root
from bridge.mapping.questions import one_value, shown_names
from bridge.mapping.values.foreign_paths import from_foreign
from bridge.mapping.values.kinds import check_expression
from bridge.mapping.values.rewrites import check_fixed, is_quoted_source, rewrite_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Place, Run, Source

_SHOWN: Final = 8
"""So many questions are named in a message."""

_NAMED: Final[dict[str, Any]] = {"type": ["string", "number"], "minLength": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKey:
    """One way to name a source: its key in the YAML, what it takes (as JSON Schema), its documentation."""

    name: str
    takes: Mapping[str, Any]
    doc: str


SOURCES: Final = (
    SourceKey(
        name="answer",
        takes=_NAMED,
        doc="The answer to a question: the sender's stable key, or the question's text (letter case, spaces and "
        "punctuation at its edges do not matter).",
    ),
    SourceKey(
        name="from",
        takes=_NAMED,
        doc=f"A path that starts at {', '.join(ROOTS)}: body.items[0].name, tracking.utm_source.",
    ),
    SourceKey(name="header", takes=_NAMED, doc="A header of the request; letter case does not matter."),
    SourceKey(name="query", takes=_NAMED, doc="A name in the query of the hook's URL."),
    SourceKey(name="value", takes={"type": ["string", "number", "boolean"]}, doc="A fixed text."),
    SourceKey(
        name="first_of",
        takes={"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/field"}},
        doc="The first of these sources that is not blank.",
    ),
)

NAMES: Final = tuple(source.name for source in SOURCES)


def named_source(node: Mapping[str, Any], build: Build, path: Path) -> str:
    """The one source that `node` names, or an empty text after noting that it names none or several."""
    found = [name for name in NAMES if name in node]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{' and '.join(f'`{name}`' for name in found)} are both sources; only one can be"
        each = ", ".join(f"{{{one}: {quoted(str(node[one]))}}}" for one in found)
        is_plain = set(found) == set(node) and "first_of" not in found
        edit = build.document.at_value(path, f"{{first_of: [{each}]}}") if is_plain else None
        fix = "" if edit is not None else "use `first_of` to try one after the other"
        build.add(path, "two_sources", message, fix, edit=edit)
    else:
        fix = f"add one of {', '.join(NAMES)}"
        build.add(path, "no_source", "it does not say where the value comes from", fix)
    return ""


def compile_source(name: str, node: Mapping[str, Any], build: Build, path: Path) -> Source:
    """The function that finds the value. `first_of` is the field's own concern and not compiled here."""
    text = build.text((*path, name), node[name])
    if name in ("answer", "value"):
        check_fixed(text, build, (*path, name), is_entry=True)
    match name:
        case "answer":
            build.questions.append(text)
            return answer_source(text, build, (*path, name))
        case "header":
            header = text.lower()
            build.headers.append(header)
            return lambda run: run.event.headers.get(header, MISSING)
        case "query":
            build.queries.append(text)
            return lambda run: run.event.query.get(text, MISSING)
        case "value":
            return lambda run: text
        case _:
            steps = plain_steps(text) or []
            if len(steps) == 2 and steps[0] == "body" and isinstance(steps[1], str):
                build.questions.append(steps[1])  # a key of the body is a question, where a sender lists none
            return path_source(text, build, (*path, name))


def answer_source(name: str, build: Build, path: Path) -> Source:
    """The answer to one question. Several that fit, or a question the form does not have, are noted on the event."""
    place = build.place(path)

    def find(run: Run) -> Any:
        found = run.answered[name]
        if len(found) == 1:
            return run.event.answers[found[0]].value
        if found:
            answers = run.event.answers
            value = run.once(("one", name), lambda: one_value([answers[number] for number in found]))
            if value is not MISSING:
                return value
        _note(name, found, place, run)
        return MISSING

    return find


def _meant(name: str, run: Run) -> str:
    return _key_of(name, run) or did_you_mean(name, shown_names(run.event.questions or ()))


def _note(name: str, found: tuple[int, ...], place: Place, run: Run) -> None:
    event = run.event
    if found:
        several = [event.answers[number] for number in found[:_SHOWN]]
        both = " and ".join(repr(f"{answer.label} ({answer.key})") for answer in several)
        message = f"{name!r} may mean any of {len(found)} questions: {both}"
        run.missed.append(name)
        run.warn(place, "ambiguous_question", message, "name the question by its key")
    elif not run.is_asked(name):
        fix = run.once(("meant", name), lambda: _meant(name, run))
        run.missed.append(name)
        run.warn(place, "unknown_question", f"the form has no question {name!r}", fix)


def _key_of(name: str, run: Run) -> str:
    """How to name a question by its key, for senders whose questions cannot be named by their texts."""
    if not run.event.captions:
        return ""
    keys = [key for key, text in run.captions().items() if normal_label(text) == normal_label(name)]
    known = (
        f"`{keys[0]}`"
        if keys
        else "the last event shows each (in a shell `leadbridge new HOOK --from last`, with its text)"
    )
    return f"name it by its key: {known} (this sender leaves out the texts of questions that are not answered)"


def path_source(text: str, build: Build, path: Path) -> Source:
    """The value at a path; a text that is none is noted."""
    try:
        if is_quoted_source(text):
            raise PathError("the quotes make a plain text of this source")
        first, find = compile_path(text)
    except PathError as error:
        build.add(path, "bad_path", str(error), value=text, edit=rewrite_path(build.document, path, text))
        return lambda run: MISSING
    if first not in ROOTS and not _is_rich(text):
        near = closest(first, ROOTS, cutoff=0.75) if from_foreign(text) is None else ""
        meant = near + text[len(first) :] if near else ""
        edit = build.document.at_value(path, meant) if meant else rewrite_path(build.document, path, text)
        fix = f"did you mean {meant!r}?" if meant else ""
        build.add(path, "not_a_path", not_a_path(text), fix, value=text, edit=edit)
        return lambda run: MISSING
    if first == "item" and (not build.has_each or path == ("each",)):
        message = f"{text!r} starts at `item`, the element of a list, and no `each` says which list"
        build.add(path, "no_each", message, "add `each:` with a path to the list", value=text)
    steps = plain_steps(text)
    if first == "contact" and steps is not None and len(steps) > 1 and steps[1] not in CONTACT_PARTS:
        message, fix = f"`contact` has no {str(steps[1])!r}", did_you_mean(str(steps[1]), CONTACT_PARTS)
        near = closest(str(steps[1]), CONTACT_PARTS)
        edit = build.document.at_value(path, f"contact.{near}") if near else None
        build.add(path, "no_such_part", message, fix, value=text, edit=edit)
    if steps is None:
        check_expression(text, build, path)
    return _guarded(find) if steps is None or first not in ROOTS else _plain(first, steps[1:], build.place(path))


def _plain(first: str, steps: Sequence[str | int], place: Place) -> Source:
    """A plain path: only what stands at its first name is looked up."""
    if first == "contact" and len(steps) == 1:
        part = str(steps[0])
        return _contact_part(part, place) if part in CONTACT_PARTS else (lambda run: MISSING)
    follow = compile_steps(steps)
    if first == "body":
        return lambda run: follow(run.event.body)
    if first in ("request", "tracking"):
        return lambda run: follow(getattr(run.event, first))
    return lambda run: follow(root(first, run))


def _contact_part(part: str, place: Place) -> Source:
    """A part of the contact. Where several answers compete for it, that is noted on the event."""

    def find(run: Run) -> Any:
        value = getattr(run.event.contact, part)
        if value is None and part in run.event.ambiguous:
            note = ambiguous_part(part, run.event.ambiguous[part])
            run.warn(place, note.code, str(note), note.fix)
        return value

    return find


def ambiguous_part(part: str, questions: Sequence[str]) -> FormatError:
    """Why a part of the contact is left out: which questions compete for it, and what to write."""
    code = "ambiguous_address" if part == "email" else "ambiguous_contact"
    what = part.replace("_", " ").replace("email", "e-mail address")
    counted = [name if times == 1 else f"{name}, answered twice" for name, times in Counter(questions).items()]
    names = " and ".join(map(repr, counted))
    message = (
        f"contact.{part} is left out: several answers hold a different {what}: {names}"
        if len(questions) > 1
        else f"contact.{part} is left out: {names} asks for somebody else's, or may do so"
    )
    field = "Lead Email" if part == "email" else "the field"
    return FormatError(code, message, f"name the question that is meant: `{field}: {{answer: ...}}`")


def _guarded(find: Callable[[Mapping[str, Any]], Any]) -> Source:
    """An expression whose functions may meet what they cannot count (`floor` of infinity): then nothing is there."""

    def search(run: Run) -> Any:
        try:
            return find(run.scope())
        except (ArithmeticError, ValueError, TypeError, RecursionError):
            return MISSING

    return search


def not_a_path(text: str) -> str:
    """The message for a bare text that starts at none of the names."""
    return f"{text!r} is read as a path; for fixed text write {{value: {quoted(text)}}}"


def _is_rich(text: str) -> bool:
    """True for a JMESPath expression that uses at least one of the names somewhere inside."""
    words = re.findall(r"[A-Za-z_]+", text)
    return bool(re.search(r"[(\[{&|]", text)) and any(word in ROOTS for word in words)
