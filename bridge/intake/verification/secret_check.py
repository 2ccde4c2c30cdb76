"""What is wrong with a hook's secrets: the one wording of `check --secrets`, `doctor`, `hooks`, `verify` and the log.

No text holds a secret or a part of one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bridge.intake.verification.encoding import decode_key
from bridge.intake.verification.scheme import (
    HeaderToken,
    HmacScheme,
    KeyEncoding,
    OneOf,
    QueryToken,
    Scheme,
    SignedToken,
    roles,
)
from bridge.intake.verification.signature import is_public_key
from bridge.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS: Final = {
    KeyEncoding.TEXT: "a text",
    KeyEncoding.HEX: "written in hex (0-9, a-f)",
    KeyEncoding.BASE64: "written in base64",
    KeyEncoding.WHSEC: "written in base64, mostly with whsec_ before it",
}
_BASE64: Final = (KeyEncoding.BASE64, KeyEncoding.WHSEC)
_QUOTES: Final = ('"', "'", "`", "“”", "‘’", "<>")
_HEX: Final = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}", re.ASCII)
_ASSIGNMENT: Final = re.compile(r"[A-Z][A-Z0-9_]{2,}=.", re.ASCII)
_PLACEHOLDER: Final = re.compile(r"change-?_?me|your[-_ ].*|xxx+|\.\.\.|secret|todo", re.IGNORECASE)
_COPY: Final = "copy it whole from the sender's page, and nothing with it"


def secret_problems(scheme: Scheme, secrets: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """What keeps secrets from ever matching (errors), and what looks like a slip (warnings), role by role."""
    found: list[Problem] = []
    for role in sorted(roles(scheme)):
        values = [value for value in secrets.get(role, ()) if value.strip()]
        if not values:
            message = f"the secret {role!r} is empty or not given; an empty secret refuses everything"
            found.append(_problem("no_secret", role, message, "set its variable", Severity.ERROR))
            continue
        of_role = [one for one in _single(scheme) if role in roles(one)]
        wrong = [text for value in values for one in of_role if (text := _wrong_kind(one, role, value))]
        severity = Severity.ERROR if len(wrong) == len(values) * len(of_role) else Severity.WARNING
        found += [_problem("bad_secret", role, text, _COPY, severity) for text in dict.fromkeys(wrong)]
        slips = (slip for value in values for one in of_role for slip in _slips(one, role, value))
        found += [_problem("doubtful_secret", role, *slip, Severity.WARNING) for slip in dict.fromkeys(slips)]
    return found


def _problem(code: str, role: str, message: str, fix: str, severity: Severity) -> Problem:
    return Problem(code=code, message=message, fix=fix, path=f"secrets.{role}", severity=severity)


def _single(scheme: Scheme) -> list[Scheme]:
    return [version.scheme for version in scheme.versions] if isinstance(scheme, OneOf) else [scheme]


def _wrong_kind(scheme: Scheme, role: str, value: str) -> str:
    """Why this value can be no key of the scheme, or ""."""
    match scheme:
        case SignedToken():
            from bridge.intake.verification.public_keys import rsa_key

            return "" if rsa_key(value) else f"the secret {role!r} is no RSA public key in PEM"
        case HmacScheme() if is_public_key(scheme, value):
            from bridge.intake.verification.public_keys import ed25519_key

            return "" if ed25519_key(value) else f"the secret {role!r} is not a public key after whpk_"
        case HmacScheme() if decode_key(value, scheme.key_encoding) is None:
            return f"wrong kind of secret: this sender's {role!r} is {KINDS[scheme.key_encoding]}"
    return ""


def _slips(scheme: Scheme, role: str, value: str) -> Iterator[tuple[str, str]]:
    """What looks like a slip, each with its fix."""
    text = value.strip()
    is_key = isinstance(scheme, HmacScheme)
    if len(text) > 1 and any(text[0] == pair[0] and text[-1] == pair[-1] for pair in _QUOTES):
        yield f"the secret {role!r} has quotes around it, which count as part of it", "remove them"
    if text.lower().startswith(("http://", "https://")):
        yield f"the secret {role!r} is an address", _COPY
    if _ASSIGNMENT.match(text) and not (is_key and text.rstrip("=").count("=") == 0):
        yield f"the secret {role!r} starts with NAME=, which counts as part of it", "leave NAME= out"
    if _PLACEHOLDER.fullmatch(text):
        yield f"the secret {role!r} is a placeholder", "put the sender's secret in its place"
    if not isinstance(scheme, SignedToken) and re.search(r"[\r\n\t]", text):
        yield f"the secret {role!r} has a line break or a tab inside", _COPY
    if isinstance(scheme, HmacScheme) and scheme.key_encoding in _BASE64 and _HEX.fullmatch(text):
        yield f"the secret {role!r} is hex, but this sender's is {KINDS[scheme.key_encoding]}", _COPY
    if isinstance(scheme, HeaderToken):
        prefix = scheme.prefix.strip()
        if prefix and text.lower().startswith(f"{prefix.lower()} "):
            message = f"the secret {role!r} starts with {prefix!r}, which the header has before the token"
            yield message, "leave it out of the secret"
        if not text.isascii():
            yield f"the secret {role!r} has letters beyond ASCII, which headers carry unreliably", "take another one"
    if isinstance(scheme, QueryToken) and re.search(r"[&#%\s]", text):
        message = f"the secret {role!r} has characters that must be escaped in an address"
        yield message, "paste the address that `leadbridge hooks --reveal` prints in a shell"
