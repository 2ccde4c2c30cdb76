"""Presets: what is known of one sender, as data. Loading them, and reading a request's events with one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bridge import log
from bridge.documents import read_text, yaml_files
from bridge.errors import TooLargeError, UnreadableError
from bridge.expressions import plain_steps, without_entities
from bridge.intake.body.json_text import read_json
from bridge.intake.body.read import BodyKind
from bridge.intake.events.recipe import Recipe, compile_recipe, read_item
from bridge.intake.fetch import SECRETS_PLACE, Fetch, compile_fetch
from bridge.intake.handshake import Handshake, compile_handshakes, handshake_roles
from bridge.intake.paths import listed
from bridge.intake.preset_document import placed, read_document
from bridge.intake.redact_request import redact_headers, redact_query
from bridge.intake.verification.scheme import roles, signature_headers
from bridge.intake.verification.scheme_document import read_scheme
from bridge.model import DEFAULT_LIMITS, Limits, Problem, internal_problem
from bridge.web_address import credential_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from bridge.intake.body.content import Content
    from bridge.intake.verification.scheme import Scheme
    from bridge.intake.verification.verify import VerifiedRequest
    from bridge.model import Event, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredAnswer:
    """What a sender must be answered to count a request as received; None leaves the usual answer."""

    status: int
    body: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One sender; the words are those of the YAML, explained in the schema.

    `verify` is None where the mapping must say how (`verify: choose`); `verify_choices` are then the forms the sender
    can use; `signature_headers` (lower case) carry the signature of `verify`. `setup` are the steps of a person there,
    with `{url}` for the hook's address; `headers` (lower case) are stored with the event next to the usual ones;
    `consent` and `withdraw` are notes with the condition a mapping may write; `ids` are the places of the sender's id,
    the first that is there counting, each of one or several parts.
    """

    name: str
    title: str
    category: str
    docs: tuple[str, ...]
    setup: tuple[str, ...]
    retries: str
    unconfirmed: tuple[str, ...]
    consent: tuple[tuple[str, Any], ...]
    withdraw: tuple[tuple[str, Any], ...]
    verify: Scheme | None
    signature_headers: frozenset[str]
    verify_choices: tuple[str, ...]
    methods: tuple[str, ...]
    body: BodyKind
    unpack: tuple[tuple[str | int, ...], ...]
    recipe: Recipe
    ids: tuple[tuple[str, ...], ...]
    headers: tuple[str, ...]
    handshakes: tuple[Handshake, ...]
    answer: RequiredAnswer | None
    fetch: Fetch | None

    @property
    def roles(self) -> frozenset[str]:
        """Every role of a secret that this sender may need: of its own verification and of its handshakes."""
        return (roles(self.verify) if self.verify is not None else frozenset()) | handshake_roles(self.handshakes)


def load_preset(text: str, file: str) -> Preset | list[Problem]:
    """Read one preset file; returns it, or every problem with its place in the file. It never raises."""
    try:
        return _load(text, file)
    except Exception as error:  # noqa: BLE001 - one file must not take the others down
        return [internal_problem(error, log.broke(error, file=file), file=file, fix=_INTERNAL_FIX)]


_ADDRESS: Final = re.compile(r"(?://|\\\\)[^\s/\\]*")
_INTERNAL_FIX: Final = "take back what was changed last in this file, and report this"


def _load(text: str, file: str) -> Preset | list[Problem]:
    document, problems = read_document(text, file)
    if problems:
        return problems
    node: Mapping[str, Any] = document.data
    recipe = compile_recipe(node, problems)
    handshakes = compile_handshakes(node.get("handshake"), problems)
    fetch = compile_fetch(node.get("fetch"), problems)
    unpack = _unpack_steps(node.get("unpack", ()), problems)
    scheme = None if node["verify"] == "choose" else read_scheme(node["verify"], "verify", is_preset=True)
    problems += [*_contradictions(node), *_credentials(node), *(scheme if isinstance(scheme, list) else ())]
    if problems or isinstance(scheme, list):
        return sorted(placed(problems, document), key=lambda problem: (problem.line, problem.column))
    return _preset(node, recipe, scheme, handshakes=handshakes, fetch=fetch, unpack=unpack)


def _unpack_steps(paths: Sequence[str], problems: list[Problem]) -> tuple[tuple[str | int, ...], ...]:
    found = []
    for number, path in enumerate(paths):
        steps = plain_steps(path)
        if steps is None or steps[0] != "request" or len(steps) == 1:
            message, fix = f"{path!r} is not a plain path in the request", "write it as request.KEY"
            problems.append(Problem(code="bad_path", message=message, fix=fix, path=f"unpack.{number}", value=path))
        else:
            found.append(tuple(steps[1:]))
    return tuple(found)


def _credentials(node: Any, path: str = "") -> Iterator[Problem]:
    """The addresses with a password in them, wherever in a preset they stand: what is fetched, pages, steps to take."""
    if isinstance(node, dict | list):
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _credentials(inner, f"{path}.{key}".removeprefix("."))
    elif isinstance(node, str):
        found = (credential_problem(address, path, SECRETS_PLACE) for address in _ADDRESS.findall(node))
        yield from filter(None, found)


def _contradictions(node: Mapping[str, Any]) -> list[Problem]:
    found = []
    if "GET" in node.get("methods", ()) and node["body"] not in ("form", "any"):
        found.append(("methods", f"a GET brings a query, which is no {node['body']}", "write body: any, or form"))
    if node["verify"] != "choose" and "verify_choices" in node:
        found.append(
            (
                "verify_choices",
                "verify already says which form the sender uses",
                "remove verify_choices, or write verify: choose",
            )
        )
    return [Problem(code="contradiction", message=message, fix=fix, path=path) for path, message, fix in found]


def _preset(
    node: Mapping[str, Any],
    recipe: Recipe,
    scheme: Scheme | None,
    *,
    handshakes: tuple[Handshake, ...],
    fetch: Fetch | None,
    unpack: tuple[tuple[str | int, ...], ...],
) -> Preset:
    answer = node.get("answer")
    return Preset(
        name=node["name"],
        title=node["title"],
        category=node["category"],
        docs=tuple(node["docs"]),
        setup=tuple(node["setup"]),
        retries=node.get("retries", ""),
        unconfirmed=tuple(node.get("unconfirmed", ())),
        consent=_hints(node, "consent"),
        withdraw=_hints(node, "withdraw"),
        verify=scheme,
        signature_headers=signature_headers(scheme),
        verify_choices=tuple(node.get("verify_choices", ())),
        methods=tuple(node.get("methods", ("POST",))),
        body=BodyKind(node["body"]),
        unpack=unpack,
        recipe=recipe,
        ids=_ids(node.get("id", [])),
        headers=tuple(name.lower() for name in node.get("headers", ())),
        handshakes=handshakes,
        answer=RequiredAnswer(**answer) if answer else None,
        fetch=fetch,
    )


def _ids(node: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(one["join"]) if isinstance(one, dict) else (one,) for one in listed(node))


def _hints(node: Mapping[str, Any], name: str) -> tuple[tuple[str, Any], ...]:
    return tuple((hint["note"], hint.get("write")) for hint in node.get(name, ()))


def load_presets(*folders: Path) -> tuple[dict[str, Preset], list[Problem]]:
    """Every `*.yaml` of the folders by name, and the problems of those that cannot be used.

    A preset in a later folder takes the place of one with its name, so that a user may keep a corrected copy.
    """
    presets: dict[str, Preset] = {}
    problems: list[Problem] = []
    for path in [path for folder in folders for path in yaml_files(folder)]:
        preset = _load_file(path)
        if isinstance(preset, Preset):
            presets[preset.name] = preset
        else:
            problems += preset
    return presets, problems


def _load_file(path: Path) -> Preset | list[Problem]:
    try:
        text = read_text(path)
    except (OSError, UnicodeError) as error:
        return [Problem(code="unreadable_file", message=f"the preset cannot be read: {error}", file=str(path))]
    preset = load_preset(text, str(path))
    if isinstance(preset, Preset) and preset.name != path.stem:
        message, fix = f"the preset is named {preset.name!r}", f"name it {path.stem!r}, as its file"
        problem = Problem(code="wrong_name", message=message, fix=fix, path="name", value=preset.name)
        return placed([problem], read_document(text, str(path))[0])
    return preset


def read_events(
    preset: Preset,
    verified: VerifiedRequest,
    content: Content,
    *,
    also_headers: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Event, ...]:
    """The events of a parsed request, in the order they stand there.

    `also_headers` are headers that a mapping reads next to those the preset stores. Raises UnreadableError when the
    body is not an object or lacks the list it is split at, TooLargeError for too many events.
    """
    request = _unpacked(preset, content.value, limits)
    if _may_hold_entities(verified.request):
        request = without_entities(request)
    wanted = (*preset.headers, *also_headers)
    headers = redact_headers(verified.request, wanted, scheme=verified.scheme, signatures=preset.signature_headers)
    query = redact_query(verified.request, verified.scheme)
    items = _items(preset, request)
    if len(items) > limits.events:
        raise TooLargeError(f"the request holds {len(items)} events; at most {limits.events} are taken")
    shared = {"request": request, "header": headers, "query": query, "fetched": {}}
    events = [read_item(preset.recipe, number, {**shared, "body": body}) for number, body in enumerate(items)]
    if max([len(event.answers) for event in events], default=0) > limits.answers:
        raise TooLargeError(f"an event holds more than {limits.answers} answers")
    return tuple([replace(event, notes=content.notes) for event in events] if content.notes else events)


def _may_hold_entities(request: Request) -> bool:
    """Whether a semicolon is anywhere in what is read: without one, no text of the body has to be looked at."""
    read = request.body or request.url.encode("utf-8", "surrogatepass")
    return b";" in read or (b"%" in read and (b"%3B" in read or b"%3b" in read))


def _unpacked(preset: Preset, parsed: Any, limits: Limits) -> Any:
    """The body with the JSON texts at the preset's `unpack` paths replaced by their values, in the order written."""
    for steps in preset.unpack:
        parsed = _unpacked_at(parsed, steps, limits)
    return parsed


def _unpacked_at(value: Any, steps: Sequence[str | int], limits: Limits) -> Any:
    if not steps:
        is_text = isinstance(value, str) and bool(value.strip())
        return read_json(value.encode("utf-8", "surrogatepass"), limits) if is_text else value
    step = steps[0]
    if isinstance(value, dict) and step in value:
        return {**value, step: _unpacked_at(value[step], steps[1:], limits)}
    return value


def _items(preset: Preset, request: Any) -> list[Any]:
    if preset.recipe.split is None:
        if not isinstance(request, dict):
            shown = "a list" if isinstance(request, list) else "a single value"
            raise UnreadableError(f"the body is {shown}; let the sender post one JSON object each request")
        return [request]
    found = preset.recipe.split({"request": request})
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        return [found]
    raise UnreadableError(f"the body holds no events where {preset.name!r} has them")
