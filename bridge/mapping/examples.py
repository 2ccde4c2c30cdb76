"""A mapping's examples: payloads next to it with what must become of them, compared field by field.

Examples:
      - name: Ada signs up
        request: {body: {...}}    # or form: {...}, text: "...", file: ada.json; with headers:, query: and fetched:
        expect: {state: accepted, leadinfo: {Lead Email: ada@example.com}}

A draft's examples come out as if it were live: taking `live: false` away changes none of them.

What `expect` does not name is not compared, but `leadinfo` is compared whole: a field too many is a difference.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from bridge import documents
from bridge.documents import did_you_mean
from bridge.errors import LeadbridgeError
from bridge.mapping.apply import apply
from bridge.mapping.mapped import mapped_as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bridge.documents import Document, Path
    from bridge.mapping.hook_mapping import HookMapping
    from bridge.mapping.mapped import Mapped
    from bridge.model import Event, Problem

    Read = Callable[["Payload"], Sequence[Event]]

_BODIES: Final = ("body", "form", "text", "file")
_REQUEST_KEYS: Final = (*_BODIES, "content_type", "headers", "query", "fetched")
_EXPECT_KEYS: Final = ("state", "reason", "leadinfo", "actions", "warnings", "problems", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What was sent, already believed. Header names are in lower case.

    `fetched` is what an ids-only sender answers, by the steps of its preset. `hook` and `item` (the event's place in
    its request) are known only of a stored event.
    """

    body: bytes
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fetched: Mapping[str, Any] = field(default_factory=dict)
    received_at: int = 0
    hook: str = ""
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One part that came out otherwise than expected; "nothing" stands for a part that is not there."""

    path: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """What was read of one example and what came of it. It passed when there is no difference."""

    name: str
    line: int
    differences: tuple[Difference, ...] = ()
    events: tuple[Event, ...] = ()
    mapped: tuple[Mapped, ...] = ()

    @property
    def passed(self) -> bool:
        """True when everything came out as expected."""
        return not self.differences


def run_examples(
    mapping: HookMapping, examples_text: str, *, file: str, read: Read
) -> tuple[list[ExampleResult], list[Problem]]:
    """Run every example of a file; return the results and the problems of the file itself.

    `read` turns a payload into events as the hook's preset does; it may raise IntakeError, which is a difference.
    """
    parsed = documents.load(examples_text, file=file)
    problems = list(parsed.found)
    nodes = parsed.data.get("examples") if isinstance(parsed.data, dict) else None
    if not isinstance(nodes, list):
        if not problems:
            problems.append(
                parsed.problem(
                    (), "no_examples", "the file holds no list `examples`", fix="start the file with `examples:`"
                )
            )
        return [], problems
    results = []
    for number, node in enumerate(nodes):
        found = list(_problems(node, parsed, ("examples", number)))
        problems.extend(found)
        if not found:
            results.append(_run(mapping, node, parsed, ("examples", number), read))
    return results, problems


def _problems(node: Any, parsed: Document, path: Path) -> Iterator[Problem]:
    if not isinstance(node, dict) or not isinstance(node.get("request"), dict) or "expect" not in node:
        message = "an example has the keys name, request and expect"
        yield parsed.problem(path, "bad_example", message, fix="see mappings/README.md")
        return
    yield from _unknown(node, ("name", "request", "expect"), parsed, path)
    yield from _unknown(node["request"], _REQUEST_KEYS, parsed, (*path, "request"))
    if sum(key in node["request"] for key in _BODIES) != 1:
        message = f"a request has exactly one of {', '.join(_BODIES)}"
        yield parsed.problem((*path, "request"), "bad_example", message, fix="keep one of them")
    expects = node["expect"] if isinstance(node["expect"], list) else [node["expect"]]
    for number, expect in enumerate(expects):
        below = (*path, "expect", number) if isinstance(node["expect"], list) else (*path, "expect")
        if not isinstance(expect, dict):
            yield parsed.problem(below, "bad_example", f"`expect` takes {', '.join(_EXPECT_KEYS)}", fix="name some")
        else:
            yield from _unknown(expect, _EXPECT_KEYS, parsed, below)


def _unknown(node: Mapping[str, Any], known: Sequence[str], parsed: Document, path: Path) -> Iterator[Problem]:
    for key in node:
        if key not in known:
            message, fix = f"{key!r} is not known here", did_you_mean(key, known)
            yield parsed.problem((*path, key), "unknown_key", message, fix=fix, value=key, at_key=True)


def _run(mapping: HookMapping, node: Mapping[str, Any], parsed: Document, path: Path, read: Read) -> ExampleResult:
    name = str(node.get("name") or f"example {int(path[-1]) + 1}")
    line = parsed.problem(path, "", "").line
    try:
        events = tuple(read(_payload(node["request"], parsed, (*path, "request"))))
    except (LeadbridgeError, OSError) as error:
        difference = Difference(path="request", expected="events", found=f"it cannot be read: {error}")
        return ExampleResult(name=name, line=line, differences=(difference,))
    mapped = tuple(apply(replace(mapping, live=True), event) for event in events)
    expects = node["expect"] if isinstance(node["expect"], list) else [node["expect"]]
    differences = list(_compared(expects, mapped, parsed, (*path, "expect")))
    return ExampleResult(name=name, line=line, differences=tuple(differences), events=events, mapped=mapped)


def _payload(node: Mapping[str, Any], parsed: Document, path: Path) -> Payload:
    headers = {str(name).lower(): str(value) for name, value in (node.get("headers") or {}).items()}
    query = {str(name): str(value) for name, value in (node.get("query") or {}).items()}
    kind = "application/x-www-form-urlencoded" if "form" in node else "application/json"
    if "file" in node:
        body = documents.read_below(FilePath(parsed.file).parent, str(node["file"]))
    elif "text" in node:
        body = str(node["text"]).encode()
    elif "form" in node:
        body = urlencode(_pairs(node["form"], parsed, (*path, "form"))).encode()
    else:
        body = json.dumps(node["body"], ensure_ascii=False).encode("utf-8", "surrogatepass")
    content_type = str(node.get("content_type") or headers.get("content-type") or kind)
    return Payload(
        body=body,
        content_type=content_type,
        headers={**headers, "content-type": content_type},
        query=query,
        fetched=node["fetched"] if isinstance(node.get("fetched"), dict) else {},
    )


def _pairs(form: Any, parsed: Document, path: Path) -> list[tuple[str, str]]:
    """A form's fields as the browser sends them: every value a text as written, a list as a repeated field."""
    pairs = []
    for name, value in form.items() if isinstance(form, dict) else ():
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            below = (*path, name, number) if isinstance(value, list) else (*path, name)
            pairs.append((name, parsed.texts.get(below, "" if item is None else str(item))))
    return pairs


def _compared(
    expects: Sequence[Mapping[str, Any]], mapped: Sequence[Mapped], parsed: Document, path: Path
) -> Iterator[Difference]:
    if len(expects) != len(mapped):
        yield Difference(path="events", expected=str(len(expects)), found=str(len(mapped)))
    for number, (expect, outcome) in enumerate(zip(expects, mapped, strict=False)):
        prefix = f"[{number}]." if len(mapped) > 1 else ""
        for key, wanted in expect.items():
            found = _found(key, outcome)
            if key == "actions":
                wanted = [_short(action) for action in wanted] if isinstance(wanted, list) else wanted
            yield from _differences(prefix + key, wanted, found)


def _short(action: Any) -> Any:
    """`subscribe: Newsletter` next to the long form with its keys."""
    return action if not isinstance(action, dict) else {name: str(value) for name, value in action.items()}


def _found(key: str, outcome: Mapped) -> Any:
    match key:
        case "leadinfo":
            infos = [action.leadinfo for action in outcome.actions if action.leadinfo is not None]
            return dict(infos[0]) if infos else None
        case "actions":
            return [action_in_short(shown) for shown in mapped_as_json(outcome)["actions"]]
        case "warnings":
            return [problem.code for problem in outcome.warnings]
        case "problems":
            return [problem.code for problem in outcome.problems]
        case "id":
            return outcome.id_value
        case "state":
            return outcome.state.name.lower()
    return outcome.reason


def action_in_short(action: Mapping[str, Any]) -> dict[str, str]:
    """An action in one line: {subscribe: Newsletter}, {trigger: Welcome}, {tag: VIP}, {do_not_mail: true}."""
    parts = ("journey", "journeykey", "tag", "list", "listkey")
    return {action["api"]: str(next((action[part] for part in parts if action.get(part)), "true"))}


def _differences(path: str, expected: Any, found: Any) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in [*expected, *(name for name in found if name not in expected)]:
            yield from _differences(f"{path}.{name}", expected.get(name), found.get(name))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(f"{path}[{number}]", one, other)
    elif _shown(expected) != _shown(found):
        yield Difference(path=path, expected=_shown(expected), found=_shown(found))


def _shown(value: Any) -> str:
    """A part as text: an expected `true` or 5 equals the texts "true" and "5", since only texts are sent."""
    if value is None or value == []:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
