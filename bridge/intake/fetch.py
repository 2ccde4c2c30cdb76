"""What must be fetched from a sender of ids only: which addresses, in which order, how the event reads then.

Nothing is fetched here: a `FetchCall` says what to ask, and `completed` reads the event again with the answers. Hosts
are a closed list in the preset, so that no event can send us elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlencode

import orjson

from bridge.errors import IntakeError, UnreadableError
from bridge.expressions import as_text, is_blank
from bridge.intake.body.limits import check_value
from bridge.intake.events.recipe import read_item
from bridge.intake.paths import compile_condition, compile_first
from bridge.model import DEFAULT_LIMITS, Kind, Problem
from bridge.web_address import credential_problem, parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.expressions import Condition, Scope, Source
    from bridge.intake.events.recipe import Recipe
    from bridge.model import Event

_LONGEST_ID: Final = 2_000
"""Characters of an id, or of an address that an event holds: more fits into no request's head."""
SECRETS_PLACE: Final = "say under token: where it goes, and name the secret in the mapping: fetch: {token: NAME}"
_FIELD: Final = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to fetch. `url` alternates texts and paths; `token_in` is `header` or `query`, and its name.

    With `after`, only what follows its last occurrence in a value goes into the address (`urn:li:lead:7` is `7`).
    """

    name: str
    texts: tuple[str, ...]
    paths: tuple[Source, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    after: str
    hosts: frozenset[str]
    token_in: tuple[str, str]
    prefix: str


class FetchError(StrEnum):
    """What a sender's answer says other than what was asked for."""

    TOKEN = "token"  # noqa: S105 - a word, not a secret
    """The token is refused."""
    GONE = "gone"
    """What is asked for is not there any more."""
    BUSY = "busy"
    """The sender takes no call now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """The `fetch:` of a preset. Without `when` every reference is fetched. `errors` are recognised by the body."""

    when: Condition | None
    steps: tuple[Step, ...]
    errors: tuple[tuple[Condition, FetchError], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchCall:
    """One GET to make: the name under which its JSON answer is read, the address, and the headers with the token.

    The address is https, at a host of the preset's list. It may hold the token, so it belongs in no log: `host` does.
    """

    name: str
    url: str
    host: str
    headers: Mapping[str, str]


def compile_fetch(node: Any, problems: list[Problem]) -> Fetch | None:
    """The `fetch:` of a preset that its schema found good; a URL without a fixed host needs `hosts`."""
    if node is None:
        return None
    when = compile_condition(node["when"], "fetch.when", problems) if "when" in node else None
    steps = [_compile(step, f"fetch.steps.{number}", problems) for number, step in enumerate(node["steps"])]
    errors = [
        (compile_condition(one["when"], f"fetch.errors.{number}.when", problems), FetchError(one["means"]))
        for number, one in enumerate(node.get("errors", ()))
    ]
    return Fetch(when=when, steps=tuple(steps), errors=tuple(errors))


def _compile(node: Mapping[str, Any], where: str, problems: list[Problem]) -> Step:
    pieces = _FIELD.split(node["url"])
    token = node["token"]
    kind = "header" if "header" in token else "query"
    if ("header" in token) is ("query" in token):
        message, fix = "the token goes to one place", "write either {header: NAME} or {query: NAME}"
        problems.append(Problem(code="bad_value", message=message, fix=fix, path=f"{where}.token"))
    fixed = parts_of(pieces[0]) if len(pieces) == 1 or "/" in pieces[0].removeprefix("https://") else None
    hosts = node.get("hosts", [fixed.hostname] if fixed is not None and fixed.scheme == "https" else [])
    found = (credential_problem(str(host), f"{where}.hosts", SECRETS_PLACE) for host in node.get("hosts", ()))
    problems.extend(filter(None, found))
    if not all(hosts) or not hosts:
        message, fix = "the address has no fixed host", "start the url with https://HOST/, or list the hosts"
        problems.append(Problem(code="no_host", message=message, fix=fix, path=f"{where}.url"))
    return Step(
        name=node["name"],
        texts=tuple(pieces[::2]),
        paths=tuple(compile_first(path, f"{where}.url", problems) for path in pieces[1::2]),
        query={name: str(value) for name, value in node.get("query", {}).items()},
        headers=dict(node.get("headers", {})),
        after=node.get("after", ""),
        hosts=frozenset(str(host).lower() for host in hosts),
        token_in=(kind, token.get(kind, "")),
        prefix=token.get("prefix", ""),
    )


def wants_fetch(fetch: Fetch | None, event: Event) -> bool:
    """True for an event that names a person by an id only, where the preset knows how to ask for the rest."""
    if fetch is None or event.kind is not Kind.REFERENCE:
        return False
    return fetch.when is None or fetch.when(_scope(event, {}))


def next_fetch(fetch: Fetch, event: Event, fetched: Mapping[str, Any], token: str) -> FetchCall | None:
    """The next call to make, None when all is there. `fetched` are the answers so far by the names of their steps.

    Raises UnreadableError when the event lacks what the address needs, or leads to a host that is not listed.
    """
    for step in fetch.steps:
        if step.name not in fetched:
            return _call(step, _scope(event, fetched), token)
    return None


def fetch_error(fetch: Fetch, event: Event, fetched: Mapping[str, Any]) -> FetchError | None:
    """What the newest answer says is wrong, by the preset's `errors`; None where none fits."""
    scope = _scope(event, fetched)
    return next((error for condition, error in fetch.errors if condition(scope)), None)


def read_answer(body: bytes) -> Any:
    """The JSON of an answer, to be stored with the event; None where it is none, or more than a request may hold."""
    try:
        value = orjson.loads(body)
        check_value(value, DEFAULT_LIMITS)
    except (orjson.JSONDecodeError, IntakeError):
        return None
    return value


def completed(recipe: Recipe, event: Event, fetched: Mapping[str, Any]) -> Event:
    """The event, read again with what was fetched."""
    return read_item(recipe, event.item, _scope(event, fetched))


def _scope(event: Event, fetched: Mapping[str, Any]) -> Scope:
    return {
        "body": event.body,
        "request": event.request,
        "header": event.headers,
        "query": event.query,
        "fetched": dict(fetched),
    }


def _call(step: Step, scope: Scope, token: str) -> FetchCall:
    kind, name = step.token_in
    url = _filled(step, scope)
    parts = parts_of(url)
    if parts.scheme != "https" or parts.netloc.lower() not in step.hosts:
        raise UnreadableError(f"the event leads to another host than {' or '.join(sorted(step.hosts))}")
    query = {**step.query, **({name: step.prefix + token} if kind == "query" else {})}
    joint = "" if not query else "&" if parts.query else "?"
    headers = {**step.headers, **({name: step.prefix + token} if kind == "header" else {})}
    return FetchCall(name=step.name, url=url + joint + urlencode(query), host=parts.netloc.lower(), headers=headers)


def _filled(step: Step, scope: Scope) -> str:
    values = [_value(source, scope, step) for source in step.paths]
    if step.texts[0] == "":  # the whole address comes from the event; its host is judged afterwards
        return values[0] + _joined(step.texts[1:], values[1:])
    return _joined(step.texts, values)


def _joined(texts: Sequence[str], values: Sequence[str]) -> str:
    escaped = [quote(value, safe="") for value in values]
    return "".join(text + value for text, value in zip(texts, [*escaped, ""], strict=True))


def _value(source: Source, scope: Scope, step: Step) -> str:
    value = source(scope)
    text = "" if isinstance(value, list | dict) else as_text(value).strip()
    text = text.rpartition(step.after)[2] if step.after else text
    if is_blank(text):
        raise UnreadableError(f"the event lacks what is needed to fetch {step.name!r}")
    if len(text) > _LONGEST_ID or _leaves_path(text):
        raise UnreadableError(f"the id needed to fetch {step.name!r} is not an id")
    return text


def _leaves_path(text: str) -> bool:
    """Whether a text has a dot segment, which would leave the path of the sender's API (RFC 3986, section 5.2.4).

    Also one between escaped slashes: servers and proxies differ in whether they unescape a path before they walk it.
    """
    return not {".", ".."}.isdisjoint(re.split(r"[/\\]", unquote(text)))
