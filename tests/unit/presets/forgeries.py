"""The tricks of forgers against a scheme: from one authentic request every request that must be refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from bridge import intake
from bridge.intake.verification.encoding import decode_key
from bridge.intake.verification.scheme import (
    BasicAuth,
    BodySecret,
    HeaderToken,
    HmacScheme,
    OneOf,
    QueryToken,
    Scheme,
    SignedToken,
)
from bridge.intake.verification.signature import MAX_SIGNATURES, signed_text, stamp_of
from bridge.intake.verification.template import Part
from bridge.model import Request
from tests.unit.presets.token_forgeries import against_token, candidates

URL = "https://hooks.example.com"
ROLES = ("signing", "token", "password", "key", "verify_token", "public_key")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
Secrets = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """A trick, the request it makes, and the secrets and the time (ms UTC) at which it is judged."""

    trick: str
    request: Request
    secrets: Secrets
    now: int


def forgeries(scheme: Scheme, genuine: Request, secrets: Secrets, others: Secrets, now: int) -> Iterator[Forgery]:
    """Every forgery that this scheme can be tried with. `others` are the secrets of another hook."""

    def made(trick: str, request: Request = genuine, given: Secrets = secrets, at: int = now) -> Forgery:
        return Forgery(trick=trick, request=request, secrets=given, now=at)

    for value in ("", " ", "\n", "\t \n"):
        yield made("an empty secret", given=dict.fromkeys(secrets, (value,)))
    yield made("no secret", given={})
    yield made("roles swapped", given=dict.fromkeys(set(ROLES) - set(secrets), next(iter(secrets.values()))))
    yield made("another hook's secret", given=others)
    single = scheme.versions[0].scheme if isinstance(scheme, OneOf) else scheme
    for trick, request in _against(single, genuine, secrets):
        yield made(trick, request)
    if isinstance(scheme, OneOf):
        version = scheme.versions[0]
        for value in ("", version.value.translate(FULL_WIDTH) or "", "v0", f"{version.value} x"):
            if value != version.value or not value:
                yield made("another version claimed", _with(genuine, version.header, value))
    if isinstance(single, HmacScheme | SignedToken):
        forged = replace(_query(genuine, {"email": "eve@example.com"}), method="GET")
        yield made("a signed body next to a query of one's own", forged)
        yield made("a signed body next to a query of one's own", replace(forged, body=b""))
    if isinstance(single, HmacScheme) and single.timestamp and single.tolerance:
        late = now + single.tolerance * 10_000
        for request in _with_two_times(single, genuine, late):
            yield made("a second time", request, at=late)
        for seconds in (single.tolerance + 1, single.tolerance * 10, 10**9):
            yield made("replayed later", at=now + seconds * 1000)
            yield made("from the future", at=max(0, now - seconds * 1000))


def _with_two_times(scheme: HmacScheme, genuine: Request, now: int) -> Iterator[Request]:
    """A request of long ago that claims to be of now as well."""
    assert scheme.timestamp is not None
    stamp, today = stamp_of(genuine, scheme), str(now // 1000)
    if not scheme.timestamp.headers:
        header = next(name for name in scheme.headers if genuine.headers.get(name))
        right, key = genuine.headers[header], scheme.timestamp.key
        yield _with(genuine, header, f"{key}={today},{right}")
        yield _with(genuine, header, f"{right},{key}={today}")
        return
    header = next(name for name in scheme.timestamp.headers if genuine.headers.get(name))
    for both in (f"{today},{stamp}", f"{stamp},{today}", f"{stamp} {today}", today):
        yield _with(genuine, header, both)
    for name in set(scheme.timestamp.headers) - {header}:
        yield _with(genuine, name, today)


def _against(scheme: Scheme, genuine: Request, secrets: Secrets) -> Iterator[tuple[str, Request]]:
    match scheme:
        case HmacScheme():
            yield from _against_hmac(scheme, genuine, secrets["signing"][0])
        case HeaderToken():
            yield from _against_header(scheme.header, scheme.prefix, secrets["token"][0], genuine)
        case QueryToken():
            for trick, value in candidates(secrets["token"][0]):
                yield trick, _query(genuine, {scheme.parameter: value})
            yield "another parameter", _query(genuine, {f"x{scheme.parameter}": secrets["token"][0]})
            yield "in a header instead", _with(_query(genuine, {}), scheme.parameter, secrets["token"][0])
        case BasicAuth():
            for trick, value in candidates(secrets["password"][0]):
                yield trick, _basic(genuine, f"{scheme.username}:{value}")
            for pair in (f"x:{secrets['password'][0]}", secrets["password"][0], f"{secrets['password'][0]}:"):
                yield "another user", _basic(genuine, pair)
            yield "bearer", _with(genuine, "authorization", f"Bearer {secrets['password'][0]}")
        case BodySecret():
            value = secrets["key"][0]
            odd: tuple[Any, ...] = ([value], {"": value}, None, True, 1, [], {}, {scheme.path: value})
            for trick, wrong in (*candidates(value), *(("another type", one) for one in odd)):
                yield trick, replace(genuine, body=json.dumps(_nested(scheme.steps, wrong)).encode())
            yield (
                "elsewhere in the body",
                replace(genuine, body=json.dumps({"x": _nested(scheme.steps, value)}).encode()),
            )
            yield "in the query instead", replace(_query(genuine, {scheme.path: value}), body=b"{}")
        case SignedToken():
            yield from against_token(genuine, secrets["public_key"][0])


def _against_hmac(scheme: HmacScheme, genuine: Request, secret: str) -> Iterator[tuple[str, Request]]:
    header = next(name for name in scheme.headers if genuine.headers.get(name))
    right = genuine.headers[header]
    body = genuine.body
    for changed in (body + b" ", b" " + body, body[:-1], body + body, b"", b"{}", body.replace(b"A", b"B")):
        yield "another body", replace(genuine, body=changed)
    for kind, same in _same_values(json.loads(body)):
        respelt = _with(genuine, "content-type", kind) if kind else genuine
        yield "the same values in another body", replace(respelt, body=same)
    stamp_header = next(
        (one for one in (scheme.timestamp.headers if scheme.timestamp else ()) if one in genuine.headers), ""
    )
    if stamp_header:
        stamp = genuine.headers[stamp_header]
        yield (
            "digits moved from the time",
            _with(replace(genuine, body=stamp[-1:].encode() + body), stamp_header, stamp[:-1]),
        )
        yield (
            "digits moved from the time",
            _with(replace(genuine, body=body + stamp[:1].encode()), stamp_header, stamp[1:]),
        )
        moved = stamp + body[:1].decode()
        yield "the body's start moved to the time", _with(replace(genuine, body=body[1:]), stamp_header, moved)
    for trick, value in _header_values(scheme, right):
        yield trick, _with(genuine, header, value)
    content = signed_text(genuine, scheme.content, stamp_of(genuine, scheme), secret, URL)
    without_secret = signed_text(genuine, _without_secret(scheme.content), stamp_of(genuine, scheme), "", URL)
    raw = right.rpartition("=")[2] if scheme.format != "plain" else right.removeprefix(scheme.prefix)
    for trick, digest in _digests(scheme, content, without_secret, secret):
        for text in (digest.hex(), base64.b64encode(digest).decode(), base64.urlsafe_b64encode(digest).decode()):
            if text.rstrip("=").lower() != raw.rstrip("=").lower():
                yield trick, _with(genuine, header, _framed(scheme, right, text))
    if scheme.timestamp and scheme.tolerance:
        yield from _other_times(scheme, genuine, header)
    if {part.field for part in scheme.content} & {"url", "plain_url"}:
        yield "another hook of the same secret", replace(genuine, url=genuine.url.replace("/spring", "/autumn"))


def _same_values(value: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Bodies that read as the same values, or nearly, with their content type where it is another."""
    text = json.dumps(value, separators=(",", ":"))
    for other in (json.dumps(value, indent=1), json.dumps(value), json.dumps(dict(reversed(value.items())))):
        yield "", other.encode()
    for other in (f"{text}\n", f" {text}", f"[{text}]", text.replace("A", r"\u0041"), json.dumps(text)):
        yield "", other.encode()
    yield "", text.replace("{", '{"who":"Eve",', 1).encode()
    yield "", b"\xef\xbb\xbf" + text.encode()
    yield "application/json; charset=utf-16", text.encode("utf-16")
    for form in (value, {"payload": text}):
        yield "application/x-www-form-urlencoded", urlencode(form).encode()
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    yield "multipart/form-data; boundary=b", ("".join(part.format(*one) for one in value.items()) + "--b--").encode()


def _without_secret(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part.field != "secret")


def _digests(scheme: HmacScheme, content: bytes, bare: bytes, secret: str) -> Iterator[tuple[str, bytes]]:
    key = decode_key(secret, scheme.key_encoding) or b""
    own = str(scheme.algorithm)
    for name in ("md5", "sha1", "sha256", "sha512"):
        if name != own:
            yield "another algorithm", hmac.digest(key, content, name)
        yield "an empty key", hmac.digest(b"", content, name)
        yield "the body as key", hmac.digest(content, content, name)
        yield "a digest without a key", hashlib.new(name, bare).digest()
    for wrong in {secret.encode(), f"whsec_{secret}".encode(), base64.b64encode(key), key.hex().encode()} - {key}:
        yield "the key in another encoding", hmac.digest(wrong, content, "sha256")
    yield "all zero", bytes(32)


def _framed(scheme: HmacScheme, right: str, text: str) -> str:
    match str(scheme.format):
        case "pairs":
            stamps = [pair for pair in right.split(",") if not pair.startswith(f"{scheme.key}=")]
            return ",".join([*stamps, f"{scheme.key}={text}"])
        case "list":
            return f"{scheme.key},{text}"
    return scheme.prefix + text


def _header_values(scheme: HmacScheme, right: str) -> Iterator[tuple[str, str]]:
    for value in (
        "",
        " ",
        scheme.prefix,
        "=",
        ",",
        "0",
        right[: len(right) // 2],
        right[:-6],
        right + "00",
        right + "A==",
    ):
        if value.strip() != right:
            yield "a truncated or padded signature", value
    yield "letters that look alike", "".join(chr(ord(one) + 0xFEE0) if one.isalnum() else one for one in right)
    yield "bytes that are no text", scheme.prefix + "\xff\udcff" * 32
    flipped = right[:-5] + ("0" if right[-5] not in "0" else "1") + right[-4:]
    yield "a flipped character", flipped
    if scheme.prefix:
        yield "the prefix left out", right.removeprefix(scheme.prefix)
        yield "the prefix doubled", scheme.prefix + right
        yield "another prefix", "md5=" + right.removeprefix(scheme.prefix)
    wrong = _framed(scheme, right, "00" * 32)
    yield "several signatures", ",".join([wrong] * 50) if scheme.format != "list" else " ".join([wrong] * 50)
    if scheme.format != "plain":
        joint = "," if scheme.format == "pairs" else " "
        signature = wrong.rpartition(",")[2] if scheme.format == "pairs" else wrong
        yield "the right one among more than are looked at", joint.join([right, *[signature] * MAX_SIGNATURES])
        yield "another name", right.replace(f"{scheme.key}=", "v0=").replace(f"{scheme.key},", "v0,")
        yield (
            "the name of public keys",
            right.replace(f"{scheme.key}=", f"{scheme.key}a=").replace(f"{scheme.key},", f"{scheme.key}a,"),
        )


def _other_times(scheme: HmacScheme, genuine: Request, header: str) -> Iterator[tuple[str, Request]]:
    assert scheme.timestamp is not None
    stamp = stamp_of(genuine, scheme)
    for changed in (*_other_spellings(stamp), "0", "", "NaN", "1e9"):
        if changed.strip() == stamp:
            continue
        if scheme.timestamp.headers:
            name = next(one for one in scheme.timestamp.headers if one in genuine.headers)
            yield "another time", _with(genuine, name, changed)
        else:
            key = scheme.timestamp.key
            yield (
                "another time",
                _with(genuine, header, genuine.headers[header].replace(f"{key}={stamp}", f"{key}={changed}")),
            )


def _other_spellings(stamp: str) -> Iterator[str]:
    """A time written as other readers of numbers would read it, or nearly so."""
    yield from (stamp.translate(FULL_WIDTH), stamp.translate(ARABIC))
    yield from (f"+{stamp}", f"-{stamp}", f"\N{MINUS SIGN}{stamp}", f"{stamp}0", f" 0{stamp}", f"{stamp};")
    yield from (f"{stamp}.0", f"{stamp}e0", f"{stamp}000", stamp[:-3])
    yield from (f"{stamp[:-3]}{mark}{stamp[-3:]}" for mark in "_,. ")
    if stamp.isdecimal():
        yield from (hex(int(stamp)), datetime.fromtimestamp(int(stamp[:10]), UTC).isoformat())


def _against_header(header: str, prefix: str, secret: str, genuine: Request) -> Iterator[tuple[str, Request]]:
    for trick, value in candidates(secret):
        yield trick, _with(genuine, header, prefix + value)
    if prefix:
        yield "the prefix left out", _with(genuine, header, secret)
        yield "the prefix doubled", _with(genuine, header, prefix + prefix + secret)
    yield "in the query instead", _query(replace(genuine, headers={}), {header: secret, "token": secret})


def _with(request: Request, header: str, value: str) -> Request:
    return replace(request, headers={**request.headers, header: value})


def _basic(request: Request, pair: str) -> Request:
    return _with(request, "authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")


def _query(request: Request, query: Mapping[str, str]) -> Request:
    bare = request.url.partition("?")[0]
    return replace(request, url=f"{bare}?{urlencode(query)}", query=dict(query))


def _nested(steps: tuple[str | int, ...], value: Any) -> Any:
    for step in reversed(steps):
        value = {step: value}
    return value


def sender_side(scheme: Scheme, request: Request, secrets: Secrets, now: int) -> Request:
    """The request as its sender would send it."""
    return intake.sign_request(request, scheme, secrets, now=now, public_url=URL)
