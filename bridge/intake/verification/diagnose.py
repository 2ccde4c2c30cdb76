"""Why a request fails verification: the usual mistakes, tried one by one, for the person who holds the secrets.

Only for the command line. Trying hundreds of digests would be a load on the receiver, and the messages reveal more
than they may know.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import SignatureError
from bridge.intake.verification.candidates import bodies, urls
from bridge.intake.verification.encoding import decode_key, decode_signature, header_bytes, secret_bytes
from bridge.intake.verification.hints import missing_signature, token_hint
from bridge.intake.verification.scheme import (
    Algorithm,
    BasicAuth,
    BodySecret,
    HeaderToken,
    HmacScheme,
    KeyEncoding,
    OneOf,
    QueryToken,
    Scheme,
)
from bridge.intake.verification.secret_check import secret_problems
from bridge.intake.verification.signature import digest, public, signature_texts, signed_text, stamp_of
from bridge.intake.verification.verify import offered_version, verify
from bridge.times import Unit, read_instant
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.model import Request

    Secrets = Mapping[str, tuple[str, ...]]

_MOST_DEVIATIONS: Final = 2
_ENCODINGS: Final = ("hex", "base64", "base64url")
_UNEXPLAINED: Final = (
    "none of the usual mistakes explains it: the secret is another one, or the body is not byte for byte what was sent "
    "(save it from the request itself, not from a page that shows it)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Whether a request is authentic; if not the reason that `verify` gives, and what most likely happened."""

    valid: bool
    reason: str = ""
    hints: tuple[str, ...] = ()


def diagnose(request: Request, scheme: Scheme, secrets: Secrets, *, now: int, public_url: str = "") -> Diagnosis:
    """Judge a request as `verify` does, and explain a refusal. `secrets` may hold other roles' secrets, to be tried."""
    try:
        verify(request, scheme, secrets, now=now, public_url=public_url)
    except SignatureError as error:
        hints = tuple(dict.fromkeys(_hints(request, scheme, secrets, now, public_url)))
        return Diagnosis(valid=False, reason=str(error), hints=hints or (_UNEXPLAINED,))
    return Diagnosis(valid=True)


def _hints(request: Request, scheme: Scheme, secrets: Secrets, now: int, public_url: str) -> Iterator[str]:
    yield from (f"{problem.message}; {problem.fix}" for problem in secret_problems(scheme, secrets))
    match scheme:
        case OneOf():
            try:
                version = offered_version(request, scheme)
            except SignatureError:
                yield from _missing(request, scheme)
            else:
                yield f"the request claims version {version.name!r}, so it is judged by that"
                yield from _hints(request, version.scheme, secrets, now, public_url)
        case HmacScheme():
            yield from _signature_hints(request, scheme, secrets, now, public_url)
        case HeaderToken():
            yield from _missing(request, scheme)
            yield from _token_hints(request.headers.get(scheme.header, ""), scheme.prefix, secrets)
            yield from filter(None, [token_hint(request, scheme, secrets.get("token", ()))])
        case QueryToken():
            if scheme.parameter not in request.query:
                yield f"the address is called without ?{scheme.parameter}=...; give it with --url, as it was called"
            yield from _token_hints(request.query.get(scheme.parameter, ""), "", secrets)
            yield from filter(None, [token_hint(request, scheme, secrets.get("token", ()))])
        case BodySecret():
            yield f"the secret is looked for at {scheme.path!r} in the body"
            yield from _other_roles("key", secrets)
        case BasicAuth():
            yield f"the user name must be {scheme.username!r} and the password the secret of the role 'password'"
            yield from _missing(request, scheme)


def _missing(request: Request, scheme: Scheme) -> Iterator[str]:
    hint = missing_signature(request, scheme)
    if hint:
        yield hint


def _token_hints(value: str, prefix: str, secrets: Secrets) -> Iterator[str]:
    if not value:
        return
    if prefix and not value.lower().startswith(prefix.lower()):
        yield f"{prefix!r} must stand before the token"
    bare = value[len(prefix) :].strip() if value.lower().startswith(prefix.lower()) else value.strip()
    given = header_bytes(bare)
    for other, values in secrets.items():
        if other != "token" and any(hmac.compare_digest(given, secret_bytes(each)) for each in values):
            yield f"the token is the secret of the role {other!r}, which is never taken for 'token'"


def _other_roles(role: str, secrets: Secrets) -> Iterator[str]:
    others = sorted(other for other, values in secrets.items() if other != role and any(values))
    if others:
        yield f"only the role {role!r} counts here; given are {', '.join(others)} as well"


def _signature_hints(
    request: Request, scheme: HmacScheme, secrets: Secrets, now: int, public_url: str
) -> Iterator[str]:
    yield from _missing(request, scheme)
    given = _candidates(request, scheme)
    if not given:
        return
    yield from _time_hints(request, scheme, now)
    found = _search(request, scheme, secrets, given, public_url)
    if found is None:
        yield from _signed_url(request, scheme, public_url)
        yield _UNEXPLAINED
        return
    yield from found or ("the signature itself is right",)


def _signed_url(request: Request, scheme: HmacScheme, public_url: str) -> Iterator[str]:
    if {part.field for part in scheme.content} & {"url", "plain_url"}:
        taken = parts_of(public(request.url, public_url))._replace(query="").geturl()
        yield f"the URL is signed, too, and was taken to be {taken}: give the one that the sender calls with --url"


def _candidates(request: Request, scheme: HmacScheme) -> dict[bytes, str]:
    """Every way to read the signatures that came, and what each deviates in."""
    found: dict[bytes, str] = {}
    for text in signature_texts(request, scheme):
        bare = text.removeprefix(scheme.prefix)
        others = [bare.partition("=")[2]] if "=" in bare[:10] else []
        for spelling in (bare, bare.replace(" ", "+"), *others):
            for encoding in _ENCODINGS:
                signature = decode_signature(spelling, encoding)
                message = [] if encoding == scheme.encoding else [f"the signature is {encoding}, not {scheme.encoding}"]
                if scheme.prefix and not text.startswith(scheme.prefix):
                    message.append(f"{scheme.prefix!r} does not stand before the signature")
                elif spelling != bare:
                    message.append("the signature is written with something else before it, or with spaces in it")
                if signature:
                    found.setdefault(signature, "; ".join(message))
    return found


def _time_hints(request: Request, scheme: HmacScheme, now: int) -> Iterator[str]:
    if scheme.timestamp is None or scheme.tolerance is None:
        return
    stamp = stamp_of(request, scheme)
    at = read_instant(stamp, scheme.timestamp.unit)
    if at is not None and abs(now - at) <= scheme.tolerance * 1000:
        return
    for unit in (Unit.S, Unit.MS, Unit.ISO):
        other = read_instant(stamp, unit)
        if unit is not scheme.timestamp.unit and other is not None and abs(now - other) <= scheme.tolerance * 1000:
            yield f"the timestamp is written in {unit}, not in {scheme.timestamp.unit}"
            return
    if at is not None:
        direction = "old" if at < now else "ahead of this clock"
        yield (
            f"the timestamp is {abs(now - at) // 1000} s {direction}, and {scheme.tolerance} s are allowed: "
            "check both clocks; a stored request is judged at its own time with --at"
        )


def _search(
    request: Request, scheme: HmacScheme, secrets: Secrets, given: Mapping[bytes, str], public_url: str
) -> list[str] | None:
    """What the sender did otherwise, or None when nothing tried gives the signature; the fewest deviations first."""
    fields = {part.field for part in scheme.content}
    dimensions: tuple[Sequence[tuple[Any, ...]], ...] = (
        bodies(request.body, request.headers.get("content-encoding", ""))
        if fields & {"body", "form"}
        else [("", request.body)],
        _keys(scheme, secrets),
        urls(request.url, public_url) if fields & {"url", "plain_url"} else [("", request.url)],
        _algorithms(scheme),
    )
    ranges = [range(len(choices)) for choices in dimensions]
    ways = (way for way in product(*ranges) if sum(map(bool, way)) <= _MOST_DEVIATIONS)
    for way in sorted(ways, key=lambda way: sum(map(bool, way))):
        body, key, url, algorithm = (choices[number] for choices, number in zip(dimensions, way, strict=True))
        tried = replace(request, body=body[1], url=url[1])
        content = _content(tried, scheme, key[1], "" if way[2] else public_url)
        if content is None:
            return None
        message = given.get(digest(replace(scheme, algorithm=algorithm[1]), key[2], content))
        if message is not None:
            return [each for each in (message, body[0], key[0], url[0], algorithm[0]) if each]
    return None


def _content(request: Request, scheme: HmacScheme, secret: str, public_url: str) -> bytes | None:
    try:
        return signed_text(request, scheme.content, stamp_of(request, scheme), secret, public_url)
    except SignatureError:
        return None


def _algorithms(scheme: HmacScheme) -> list[tuple[str, Algorithm]]:
    others = [each for each in Algorithm if each is not scheme.algorithm]
    return [("", scheme.algorithm), *((f"it is signed with {each}, not {scheme.algorithm}", each) for each in others)]


def _keys(scheme: HmacScheme, secrets: Secrets) -> list[tuple[str, str, bytes]]:
    """The keys that the secrets may stand for: the right ones with no words, then the mistakes."""
    right: list[tuple[str, str, bytes]] = []
    wrong: list[tuple[str, str, bytes]] = []
    for role, values in sorted(secrets.items(), key=lambda item: item[0] != "signing"):
        for secret in values:
            for spelling, kind in _spellings(secret):
                for encoding in KeyEncoding:
                    key = decode_key(spelling, encoding)
                    message = _key_message(role, kind, encoding, scheme)
                    if key:
                        (wrong if message else right).append((message, spelling, key))
    # without a right key, a random place at the front keeps every mistake a deviation
    return [*(right or [("", "", b"\x00")]), *wrong]


def _spellings(secret: str) -> Sequence[tuple[str, str]]:
    bare = secret.strip()
    found = [(secret, "")]
    if bare[1:-1] and bare[0] == bare[-1] and bare[0] in "\"'":
        found.append((bare[1:-1], "the key is the secret without the quotes around it"))
    if bare.startswith("whsec_"):
        found.append((bare.removeprefix("whsec_"), "the key is the secret without whsec_"))
    else:
        found.append((f"whsec_{bare}", "the key is the secret with whsec_ before it"))
    return found


def _key_message(role: str, kind: str, encoding: KeyEncoding, scheme: HmacScheme) -> str:
    message = [kind] if kind and not (encoding is KeyEncoding.WHSEC and "whsec_" in kind) else []
    if role != "signing":
        message.append(f"it is signed with the secret of the role {role!r}, not 'signing'")
    if encoding is not scheme.key_encoding:
        message.append(f"wrong kind of secret: the key is the secret read as {encoding}, not as {scheme.key_encoding}")
    return "; ".join(message)
