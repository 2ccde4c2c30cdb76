"""How a sender is verified, described as data.

Presets and mappings write a scheme under `verify:`; `scheme_text` turns that into one of the classes here. The HMAC
scheme covers the parameters that a survey of some hundred senders needs
(https://github.com/webhook-co/webhook, `packages/webhooks-spec/src/adapters/config.ts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bridge.times import Unit

if TYPE_CHECKING:
    from bridge.intake.verification.template import Part


class Format(StrEnum):
    """How the signature header is built."""

    PLAIN = "plain"
    """The signature is the whole value, after the prefix."""
    PAIRS = "pairs"
    """`t=1700000000,v1=5257a8...`: names and values, several may have the same name."""
    LIST = "list"
    """`v1,K5oZfz... v1,v0D2Qn...`: tags and values, separated by spaces."""


class Algorithm(StrEnum):
    """What is computed over the signed text. All but the last are an HMAC."""

    SHA256 = "sha256"
    SHA1 = "sha1"
    SHA512 = "sha512"
    PLAIN_SHA256 = "plain-sha256"


class Encoding(StrEnum):
    """How the signature is written. Hex may be in either letter case; base64 may lack its padding."""

    HEX = "hex"
    BASE64 = "base64"
    BASE64URL = "base64url"


class KeyEncoding(StrEnum):
    """How the secret, as the sender shows it, becomes the key."""

    TEXT = "text"
    HEX = "hex"
    BASE64 = "base64"
    WHSEC = "whsec"
    """Base64 after an optional `whsec_`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """Where the signed time is: in the first of `headers` that is there, or under `key` in the signature header."""

    headers: tuple[str, ...] = ()
    key: str = ""
    unit: Unit = Unit.S


@dataclass(frozen=True, slots=True, kw_only=True)
class HmacScheme:
    """A keyed digest over the raw request.

    `headers` are in lower case; the first that is there counts. `key` names the signature in a `pairs` or `list`
    header. `content` is the signed text. `tolerance` is in seconds, both ways; None means that age is not judged.
    """

    headers: tuple[str, ...]
    content: tuple[Part, ...]
    format: Format = Format.PLAIN
    key: str = ""
    prefix: str = ""
    algorithm: Algorithm = Algorithm.SHA256
    encoding: Encoding = Encoding.HEX
    key_encoding: KeyEncoding = KeyEncoding.TEXT
    timestamp: Timestamp | None = None
    tolerance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderToken:
    """A fixed secret in a header (its name in lower case), after a prefix such as `Bearer `."""

    header: str
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryToken:
    """A fixed secret in the URL's query."""

    parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """HTTP Basic authentication (https://www.rfc-editor.org/rfc/rfc7617); the password is the secret."""

    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySecret:
    """A fixed secret inside the body, at a plain path (`google_key`); `steps` are the steps of that path."""

    path: str
    steps: tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    """The body is a JSON Web Token signed with RS256; the sender's public key stands in the place of a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One of several ways in which a sender signs: the request's header `header` is there, or is `value`.

    One that is `pinned_only` is accepted only where a mapping pins it.
    """

    name: str
    header: str
    value: str
    scheme: HmacScheme | HeaderToken
    pinned_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Several versions of a signature, the strongest first; the first whose header the request has must hold."""

    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoVerification:
    """Whoever knows the URL is believed. It must be written out."""


Scheme = HmacScheme | HeaderToken | QueryToken | BasicAuth | BodySecret | SignedToken | OneOf | NoVerification


def roles(scheme: Scheme) -> frozenset[str]:
    """The roles of the secrets that a scheme needs, as they are named under `secrets:`."""
    match scheme:
        case HmacScheme():
            return frozenset({"signing"})
        case HeaderToken() | QueryToken():
            return frozenset({"token"})
        case BasicAuth():
            return frozenset({"password"})
        case BodySecret():
            return frozenset({"key"})
        case SignedToken():
            return frozenset({"public_key"})
        case OneOf():
            return frozenset[str]().union(*(roles(version.scheme) for version in scheme.versions))
        case NoVerification():
            return frozenset()


def signature_headers(scheme: Scheme | None) -> frozenset[str]:
    """The headers (lower case) that carry a signature or token, and so are never stored."""
    match scheme:
        case HmacScheme():
            return frozenset(scheme.headers)
        case HeaderToken():
            return frozenset({scheme.header})
        case OneOf():
            return frozenset[str]().union(*(signature_headers(version.scheme) for version in scheme.versions))
        case _:
            return frozenset()
