"""A submission that came becomes an example: its person replaced by a pseudonym, and what the mapping makes of it."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from dataclasses import replace
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bridge import intake, mapping
from bridge.authoring.draft import agreed_in_words
from bridge.authoring.pseudonyms import Pseudonyms
from bridge.documents import dump, load, scalars
from bridge.errors import IntakeError, LeadbridgeError
from bridge.expressions import agreement, comparable
from bridge.hooks import folder as hooks
from bridge.hooks import presets as senders
from bridge.hooks.payload import read_payload, with_fetched
from bridge.intake.body.claims import read_claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bridge.hooks.folder import MappingFile
    from bridge.intake import Preset
    from bridge.mapping import Mapped, Payload
    from bridge.model import Answer, Contact, Event, Question

_WORD: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"|([\w/.@:-]+)")
_BETWEEN_TAGS: Final = re.compile(r">([^<>]+)<")
_CHOICE: Final = re.compile(
    r"choice|select|radio|check|dropdown|option|picklist|yes_?no|bool|legal|accept", re.IGNORECASE
)
"""Types of questions that are answered by a word of the form."""

_OPTIONS: Final = re.compile(
    r"(?<![a-z])(categor(y|ies)|(choice|course|event|interest|language|newsletter|option|package|plan|product|segment"
    r"|service|subscription|tier|topic|webinar)s?)(?![a-z])",
    re.IGNORECASE,
)
"""Names of questions that ask to choose, where the sender says no type."""

_FEW_WORDS: Final = 4

_OFFERED: Final = frozenset({"choices", "options"})
_OPTION_NAMES: Final = frozenset({"id", "ref", "key", "label", "name", "text", "title", "value"})
_QUESTION_NAMES: Final = frozenset({"id", "ref", "key", "label", "title"})
_TYPE: Final = re.compile(r"[A-Za-z][\w./-]{0,39}")

_INSIDE: Final = frozenset({"contains", "is", "is_not", "one_of", "starts_with"})
_NEEDLESS: Final = frozenset({"user-agent", "content-type"})
_ADA: Final = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "full_name": "Ada Lovelace",
    "company": "Analytical Engines",
}


def capture(file: MappingFile, preset: Preset, sent: Payload, *, name: str) -> dict[str, Any]:
    """An example of this request: {name, request, expect}, as it stands in an examples file.

    The mapping must be usable. Raises LeadbridgeError when a personal value would remain, IntakeError when the body
    cannot be read.
    """
    found = file.mapping
    if found is None:
        raise LeadbridgeError(f"{file.file} cannot be used; the page Try and `leadbridge check` show why")
    read = read_payload(preset, sent, also_headers=found.headers)
    events = tuple(with_fetched(preset, event, sent.fetched) for event in read)
    known = _known(events)
    pseudonyms = Pseudonyms(
        keep=_vocabulary(file, preset, events),
        known=known,
        parts=(*_compared(load(file.text, file="").data), *_proposed(events, known)),
    )
    request = {
        **_body(sent.body, sent.content_type, pseudonyms),
        "headers": {name: pseudonyms.text(value) for name, value in sent.headers.items() if name not in _NEEDLESS},
        "query": pseudonyms.of(dict(sent.query)),
        "fetched": pseudonyms.of(sent.fetched),
    }
    request = {key: value for key, value in request.items() if value not in ({}, "")}
    _refuse_leak(request, pseudonyms)
    return {"name": name, "request": request, "expect": _expectations(file, preset, request)}


def _vocabulary(file: MappingFile, preset: Preset, events: Sequence[Event]) -> frozenset[str]:
    """All words of the mapping and of the preset, and the form's questions: none of them is about the person."""
    vocabulary = set(scalars(load(file.text, file=file.file).data))
    written = senders.preset_texts({preset.name: preset}, Path(file.file).parent)[preset.name]
    for text in scalars(load(written, file=preset.name).data):
        vocabulary.add(text)
        vocabulary.update(part for match in _WORD.finditer(text) for part in match.groups() if part)
    for event in events:
        vocabulary.add(event.type or "")
        vocabulary.update(_of_form(event.body), _of_form(event.request))
        questions: list[Answer | Question] = [*event.answers, *(event.questions or ())]
        for question in questions:
            vocabulary.update((question.key, question.label, *question.aliases))
        vocabulary.update(answer.type for answer in event.answers)
        for answer in event.answers:
            agrees = agreement(answer.value, {comparable(answer.label)}) is not None
            if agrees or _CHOICE.search(answer.type) or _is_choice(answer):  # the form's words, not the person's
                vocabulary.update(scalars(answer.value))
    return frozenset(word.strip().casefold() for word in vocabulary)


def _of_form(value: Any, *, offered: bool = False) -> Iterator[str]:
    """What a body says of the form: the types of its questions, and all options (`offered`: this is a list of them)."""
    if isinstance(value, list):
        for item in value:
            if offered and isinstance(item, str):
                yield item
            elif offered and isinstance(item, dict):
                yield from (text for name in _OPTION_NAMES & item.keys() if isinstance(text := item[name], str))
            yield from _of_form(item)
    elif isinstance(value, dict):
        kind = value.get("type")
        if isinstance(kind, str) and _TYPE.fullmatch(kind) and _QUESTION_NAMES & value.keys():
            yield kind
        for name, inner in value.items():
            yield from _of_form(inner, offered=name in _OFFERED and isinstance(inner, list))


def _is_choice(answer: Answer) -> bool:
    """Whether a sender that names no types asked to choose: by the question, and an answer of few words."""
    texts = list(scalars(answer.value))
    offers = any(_OPTIONS.search(text) for text in (answer.key, answer.label))
    return offers and all(len(text.split()) <= _FEW_WORDS and "@" not in text for text in texts)


def _proposed(events: Iterable[Event], known: Mapping[str, str]) -> Iterator[str]:
    """The texts of consent that a draft proposes to look for, but for those that name the person."""
    texts = (text for event in events for _, text in agreed_in_words(event))
    return (text for text in texts if not any(value.casefold() in text.casefold() for value in known))


def _compared(value: Any, key: str = "") -> Iterator[str]:
    """The texts that conditions of a mapping look for inside answers."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _compared(inner, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _compared(item, key)
    elif key in _INSIDE and isinstance(value, str) and value.strip():
        yield value.strip()


def contrast(
    file: MappingFile, preset: Preset, example: Mapping[str, Any], events: Sequence[Event]
) -> tuple[str, str] | None:
    """How the events came out and how their example does, where that differs; None where it is the same."""
    if file.mapping is None or not file.mapping.actions:
        return None
    live = replace(file.mapping, live=True)
    came = [_expectation(mapping.apply(live, event)) for event in events]
    expect = example["expect"] if isinstance(example["expect"], list) else [example["expect"]]
    one, other = (", ".join(map(_outcome, each)) for each in (came, expect))
    return (one, other) if one != other and len(came) == len(expect) else None


def _outcome(expect: Mapping[str, Any]) -> str:
    reason = f" ({expect['reason']})" if expect.get("reason") else ""
    return f"{expect['state']}{reason}"


def _known(events: Iterable[Event]) -> dict[str, str]:
    """The person of each event and who stands in: all parts of one person agree."""
    known: dict[str, str] = {}
    for event in events:
        for part, other in _ADA.items():
            value = getattr(event.contact, part)
            if value:
                known.setdefault(value.strip(), other if not known or _is_first(known, event.contact) else "")
    return {value: other for value, other in known.items() if other}


def _is_first(known: Mapping[str, str], contact: Contact) -> bool:
    """Ada stands in for one person only; the others get pseudonyms of their shape."""
    first = next(iter(known))
    return first in {value.strip() for part in _ADA if (value := getattr(contact, part))}


def _body(body: bytes, content_type: str, pseudonyms: Pseudonyms) -> dict[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    if text.lstrip().startswith(("{", "[")):
        return {"body": pseudonyms.of(intake.read_json(body))}
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {"form": _form(intake.read_fields(body, content_type), pseudonyms)}
    if text.lstrip().startswith("<"):
        changed = _BETWEEN_TAGS.sub(
            lambda match: f">{escape(pseudonyms.text(unescape(match[1])))}<" if match[1].strip() else match[0], text
        )
        return {"text": changed, "content_type": kind or "text/xml"}
    if (token := _claims(text)) is not None:
        claims = json.dumps(pseudonyms.of(token)).encode()
        return {"text": f"e30.{urlsafe_b64encode(claims).decode().rstrip('=')}.unsigned"}
    raise LeadbridgeError(f"a body of type {kind!r} cannot be captured; write the example by hand as `form:`")


def _claims(text: str) -> Any:
    """The claims of a signed token, None where the text is none."""
    try:
        return read_claims(text.encode(), intake.read_json)
    except IntakeError:
        return None


def _form(pairs: Iterable[tuple[str, str]], pseudonyms: Pseudonyms) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for name, value in pairs:
        other = pseudonyms.text(value)
        form[name] = [*_listed(form[name]), other] if name in form else other
    return form


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _refuse_leak(request: Mapping[str, Any], pseudonyms: Pseudonyms) -> None:
    shown = dump(request).casefold()
    for value, other in pseudonyms.known.items():
        if len(value) > 3 and value.casefold() not in other.casefold() and value.casefold() in shown:
            raise LeadbridgeError("a personal value would remain in the example; write it by hand")


def _expectations(file: MappingFile, preset: Preset, request: Mapping[str, Any]) -> Any:
    """What the mapping makes of the example, as it would be written by hand; of an unfinished one, that it is read."""
    text = dump({"examples": [{"name": "", "request": request, "expect": {}}]})
    results, problems = hooks.run_examples_text(file, {preset.name: preset}, text)
    if problems or not results:
        raise LeadbridgeError("the example cannot be run: " + "; ".join(problem.message for problem in problems))
    finished = file.mapping is not None and bool(file.mapping.actions)
    expected = [_expectation(mapped) if finished else {"problems": []} for mapped in results[0].mapped]
    return expected[0] if len(expected) == 1 else expected


def _expectation(mapped: Mapped) -> dict[str, Any]:
    shown = mapping.mapped_as_json(mapped)
    expect: dict[str, Any] = {"state": shown["state"]}
    if shown["reason"] and not mapped.problems:
        expect["reason"] = shown["reason"]
    leadinfo = next((action["leadinfo"] for action in shown["actions"] if "leadinfo" in action), None)
    if leadinfo:
        expect["leadinfo"] = leadinfo
    if mapped.actions:
        expect["actions"] = [mapping.action_in_short(action) for action in shown["actions"]]
    if mapped.warnings:
        expect["warnings"] = [problem.code for problem in mapped.warnings]
    if mapped.problems:
        expect["problems"] = [problem.code for problem in mapped.problems]
    return expect


def already_there(example: Mapping[str, Any], file: MappingFile) -> str:
    """The name of the mapping's example that has the same request; nothing where none has."""
    path = hooks.examples_path(file)
    data = load(path.read_text(encoding="utf-8"), file=str(path)).data if path.is_file() else None
    listed = data.get("examples") if isinstance(data, dict) else None
    same = (one for one in listed or () if isinstance(one, dict) and one.get("request") == example["request"])
    return next((str(one.get("name")) for one in same), "")


def append(example: Mapping[str, Any], file: MappingFile) -> Path:
    """Write an example at the end of the mapping's examples file, which is made if there is none; give its path.

    Raises LeadbridgeError when that file cannot be read as it must be.
    """
    path = hooks.examples_path(file)
    before = path.read_text(encoding="utf-8").rstrip() if path.is_file() else "# Run with: leadbridge test\nexamples:"
    entry = dump({"examples": [example]}).partition("\n")[2].rstrip()
    after = f"{before}\n{'' if before.endswith('examples:') else chr(10)}{entry}\n"
    read = load(after, file=str(path))
    if read.found or not isinstance(read.data, dict) or example not in read.data.get("examples", []):
        raise LeadbridgeError(f"{path} is not written as the product writes it; add this example by hand:\n{entry}")
    path.write_text(after, encoding="utf-8")
    return path
