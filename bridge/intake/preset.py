"""Presets: what is known of one sender, as data. Loading them, and reading a request's events with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.errors import TooLargeError, UnreadableError
from bridge.intake.document import place, read_document
from bridge.intake.keep import kept_headers, redacted_query
from bridge.intake.limits import DEFAULT_LIMITS, Limits
from bridge.intake.parse import BodyKind, read_json
from bridge.intake.paths import first_found
from bridge.intake.recipe import Recipe, compile_recipe, read_item
from bridge.intake.scheme import read_scheme
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from bridge.intake.scheme import Scheme
    from bridge.intake.verify import VerifiedRequest
    from bridge.model import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredAnswer:
    """What a sender must be answered to count a request as received; None leaves the usual answer."""

    status: int
    body: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One sender. `verify` is None where the mapping must say how (`verify: choose`).

    `docs` are addresses of the sender's pages; `setup` the steps of a person there, `{url}` standing for the hook's
    address; `headers` (lower case) are kept with the event beside the usual ones.
    """

    name: str
    title: str
    docs: tuple[str, ...]
    setup: tuple[str, ...]
    retries: str
    verify: Scheme | None
    body: BodyKind
    unpack: tuple[str, ...]
    recipe: Recipe
    headers: tuple[str, ...]
    answer: RequiredAnswer | None


def load_preset(text: str, file: str) -> Preset | list[Problem]:
    """Read one preset file; returns it, or every problem with its place in the file."""
    document, problems = read_document(text, file)
    if problems:
        return problems
    recipe = compile_recipe(document, problems)
    scheme = None if document["verify"] == "choose" else read_scheme(document["verify"], "verify")
    if isinstance(scheme, list):
        return place([*problems, *scheme], text, file)
    return place(problems, text, file) if problems else _preset(document, recipe, scheme)


def _preset(node: Mapping[str, Any], recipe: Recipe, scheme: Scheme | None) -> Preset:
    answer = node.get("answer")
    return Preset(
        name=node["name"],
        title=node["title"],
        docs=tuple(node["docs"]),
        setup=tuple(node["setup"]),
        retries=node.get("retries", ""),
        verify=scheme,
        body=BodyKind(node["body"]),
        unpack=tuple(node.get("unpack", ())),
        recipe=recipe,
        headers=tuple(name.lower() for name in node.get("headers", ())),
        answer=RequiredAnswer(**answer) if answer else None,
    )


def load_presets(*folders: Path) -> tuple[dict[str, Preset], list[Problem]]:
    """Every `*.yaml` of the folders by name, and the problems of those that cannot be used.

    A preset in a later folder takes the place of one with its name, so that a user may keep a corrected copy.
    """
    presets: dict[str, Preset] = {}
    problems: list[Problem] = []
    for path in [path for folder in folders for path in sorted(folder.glob("*.yaml"))]:
        preset = _load_file(path)
        if isinstance(preset, Preset):
            presets[preset.name] = preset
        else:
            problems += preset
    return presets, problems


def _load_file(path: Path) -> Preset | list[Problem]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        return [Problem(code="unreadable_file", message=f"the preset cannot be read: {error}", file=str(path))]
    preset = load_preset(text, str(path))
    if isinstance(preset, Preset) and preset.name != path.stem:
        message, cure = f"the preset is named {preset.name!r}", f"name it {path.stem!r}, as its file"
        return place([Problem(code="wrong_name", message=message, cure=cure, path="name")], text, str(path))
    return preset


def read_events(
    preset: Preset,
    verified: VerifiedRequest,
    parsed: Any,
    *,
    also_headers: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Event, ...]:
    """The events of a parsed request, in the order they stand there.

    `also_headers` are headers that a mapping reads beside those the preset keeps. Raises UnreadableError when the
    body is no object or lacks the list it is split at, TooLargeError for too many events.
    """
    request = _unpacked(preset, parsed, limits)
    headers = kept_headers(verified.request, preset, scheme=verified.scheme, also=also_headers)
    query = redacted_query(verified.request, verified.scheme)
    items = _items(preset, request)
    if len(items) > limits.events:
        raise TooLargeError(f"the request holds {len(items)} events; at most {limits.events} are taken")
    scopes = ({"body": body, "request": request, "header": headers, "query": query} for body in items)
    return tuple(read_item(preset.recipe, number, scope) for number, scope in enumerate(scopes))


def _unpacked(preset: Preset, parsed: Any, limits: Limits) -> Any:
    """The body with the JSON texts under the preset's `unpack` keys replaced by their values."""
    if not isinstance(parsed, dict):
        return parsed
    unpacked = dict(parsed)
    for key in preset.unpack:
        text = parsed.get(key)
        if isinstance(text, str) and text.strip():
            unpacked[key] = read_json(text.encode("utf-8", "surrogatepass"), limits)
    return unpacked


def _items(preset: Preset, request: Any) -> list[Any]:
    if not preset.recipe.split:
        if not isinstance(request, dict):
            raise UnreadableError("the body is no JSON object")
        return [request]
    found = first_found(preset.recipe.split, {"request": request})
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        return [found]
    raise UnreadableError(f"the body holds no events where {preset.name!r} has them")
