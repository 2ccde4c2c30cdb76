"""Handshakes: what senders ask of an address before they send to it, answered as a preset says.

A handshake is unsigned as a rule and comes from anybody. So nothing is stored of it, a preset that names none answers
none, and what is signed for the asker is only ever a bare token: letters, digits, hyphens and underscores, which no
signature over an event could consist of. Otherwise the answer would be a signature for a forged event.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge.errors import HandshakeError, IntakeError
from bridge.expressions import as_text, is_blank
from bridge.intake.body.read import BodyKind, read_body
from bridge.intake.paths import compile_condition, compile_first
from bridge.intake.verification.encoding import any_equal, secret_bytes
from bridge.intake.verification.verify import verify
from bridge.model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.expressions import Condition, Scope, Source
    from bridge.intake.verification.scheme import Scheme
    from bridge.model import Problem, Request

    Secrets = Mapping[str, tuple[str, ...]]

_ROOTS: Final = ("body", "header", "query")
_BARE_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_LONGEST_ECHO: Final = 2000
_LARGEST_BODY: Final = 16 * 1024
_LIMITS: Final = Limits(bytes=_LARGEST_BODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAnswer:
    """What to answer with 200. A text goes out as plain text that no browser may take for anything else."""

    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=lambda: {"X-Content-Type-Options": "nosniff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A part of an answer: the keyed digest of a token that the asker chose, as `hex` or `base64`."""

    token: Source
    role: str
    encoding: str
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """One handshake of a preset; its words are those of the YAML, explained in the schema.

    `check` is a token of the asker's and the role of the secret it must equal. `answer` is a text (its paths), a JSON
    object, or None for an empty answer.
    """

    methods: frozenset[str]
    when: Condition
    reads_body: bool
    verified: bool
    check: tuple[Source, str] | None
    answer: Source | Mapping[str, Source | Signed] | None


def compile_handshakes(node: Any, problems: list[Problem]) -> tuple[Handshake, ...]:
    """The `handshake:` of a preset that its schema found good."""
    return tuple(_compile(each, f"handshake.{number}", problems) for number, each in enumerate(node or ()))


def _compile(node: Mapping[str, Any], where: str, problems: list[Problem]) -> Handshake:
    check = node.get("check")
    return Handshake(
        methods=frozenset(node["methods"]),
        when=compile_condition(node.get("when", []), f"{where}.when", problems),
        reads_body="body." in str(node),
        verified=node.get("verified", False),
        check=(compile_first(check["from"], f"{where}.check", problems, _ROOTS), check["role"]) if check else None,
        answer=_compile_answer(node["answer"], f"{where}.answer", problems),
    )


def _compile_answer(node: Any, where: str, problems: list[Problem]) -> Source | Mapping[str, Source | Signed] | None:
    if node == "empty":
        return None
    if "text" in node:
        return compile_first(node["text"], f"{where}.text", problems, _ROOTS)
    return {name: _compile_part(part, f"{where}.json.{name}", problems) for name, part in node["json"].items()}


def _compile_part(node: Any, where: str, problems: list[Problem]) -> Source | Signed:
    if not isinstance(node, dict):
        return compile_first(node, where, problems, _ROOTS)
    return Signed(
        token=compile_first(node["sign"], f"{where}.sign", problems, _ROOTS),
        role=node["role"],
        encoding=node.get("encoding", "hex"),
        prefix=node.get("prefix", ""),
    )


def handshake_roles(handshakes: Sequence[Handshake]) -> frozenset[str]:
    """The roles of the secrets that the handshakes use."""
    found = {each.check[1] for each in handshakes if each.check is not None}
    for each in handshakes:
        if isinstance(each.answer, dict):
            found |= {part.role for part in each.answer.values() if isinstance(part, Signed)}
    return frozenset(found)


def answer_handshake(
    request: Request,
    handshakes: Sequence[Handshake],
    scheme: Scheme,
    secrets: Secrets,
    *,
    now: int,
    public_url: str = "",
) -> HandshakeAnswer | None:
    """The answer to a handshake, or None when the request is none of these.

    `scheme` is the hook's, for handshakes that must be signed as events are. Raises SignatureError when such a one is
    not, HandshakeError when the asker's token is wrong, missing or not to be repeated.
    """
    for handshake in handshakes:
        scope = _scope(request, handshake)
        if scope is None or not handshake.when(scope):
            continue
        if handshake.verified:
            verify(request, scheme, secrets, now=now, public_url=public_url)
        if handshake.check is not None:
            _check_token(*handshake.check, scope, secrets)
        return _answer(handshake, scope, secrets)
    return None


def _scope(request: Request, handshake: Handshake) -> Scope | None:
    """What the handshake's paths may look at, or None when the request cannot be this one."""
    if request.method not in handshake.methods:
        return None
    body = None
    if handshake.reads_body:
        if len(request.body) > _LARGEST_BODY:
            return None
        try:
            body = read_body(request, BodyKind.ANY, _LIMITS).value  # WooCommerce asks by a form, and posts JSON
        except IntakeError:
            return None  # no handshake of this kind; the usual way says what is wrong with it
    return {"body": body, "request": body, "header": request.headers, "query": request.query}


def _check_token(source: Source, role: str, scope: Scope, secrets: Secrets) -> None:
    given = source(scope)
    known = [value for value in secrets.get(role, ()) if value.strip()]
    if not known:
        raise HandshakeError(f"no secret is set for {role!r}")
    if not isinstance(given, str) or not any_equal(secret_bytes(given), known):
        raise HandshakeError(f"the handshake's token does not match the secret {role!r}")


def _answer(handshake: Handshake, scope: Scope, secrets: Secrets) -> HandshakeAnswer:
    if handshake.answer is None:
        return HandshakeAnswer(body=b"", content_type="text/plain; charset=utf-8")
    if callable(handshake.answer):
        text = _echo(handshake.answer, scope)
        return HandshakeAnswer(body=secret_bytes(text), content_type="text/plain; charset=utf-8")
    reported = {
        name: _signature(part, scope, secrets) if isinstance(part, Signed) else _echo(part, scope)
        for name, part in handshake.answer.items()
    }
    return HandshakeAnswer(body=orjson.dumps(reported), content_type="application/json")


def _echo(source: Source, scope: Scope) -> str:
    value = source(scope)
    text = "" if isinstance(value, list | dict) else as_text(value)
    if is_blank(text) or len(text) > _LONGEST_ECHO or not text.isprintable():
        raise HandshakeError("the handshake brings no text that can be repeated")
    return text


def _signature(part: Signed, scope: Scope, secrets: Secrets) -> str:
    token = part.token(scope)
    if not isinstance(token, str) or _BARE_TOKEN.fullmatch(token) is None:
        raise HandshakeError("the handshake's token is not made of letters and digits alone; it is not signed")
    key = next((value for value in secrets.get(part.role, ()) if value.strip()), "")
    if not key:
        raise HandshakeError(f"no secret is set for {part.role!r}")
    digest = hmac.digest(secret_bytes(key), token.encode(), "sha256")
    return part.prefix + (digest.hex() if part.encoding == "hex" else b64encode(digest).decode())
