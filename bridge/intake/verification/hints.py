"""The cheap part of a diagnosis, for the log of every rejected request: no signature is tried."""

from __future__ import annotations

import difflib
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from bridge.intake.verification.encoding import any_equal, header_bytes, secret_bytes
from bridge.intake.verification.scheme import (
    BodySecret,
    HeaderToken,
    NoVerification,
    QueryToken,
    Scheme,
    SignedToken,
    signature_headers,
)
from bridge.intake.verification.secret_check import secret_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.model import Request

_WORDS: Final = ("sig", "hmac", "token", "auth", "key", "hash")
_MOST_HEADERS: Final = 50
_MOST_NAMED: Final = 4
_AROUND: Final = " \t\"'<>`“”„"
"""What is copied along with a token."""


def rejection_hint(request: Request, scheme: Scheme, secrets: Mapping[str, tuple[str, ...]]) -> str:
    """What is said of a rejected request in the log: what is wrong with the secrets, or what its headers lack."""
    found = [f"{problem.message}; {problem.fix}" for problem in secret_problems(scheme, secrets)]
    more = (missing_signature(request, scheme), token_hint(request, scheme, secrets.get("token", ())))
    return "; ".join(dict.fromkeys(filter(None, (*found, *more))))


def token_hint(request: Request, scheme: Scheme, secrets: Sequence[str]) -> str:
    """What makes a token differ from all secrets, or where it stands instead; "" where neither is known."""
    match scheme:
        case QueryToken(parameter=name) if not request.query.get(name):
            return _misplaced(name, request.query)
        case QueryToken(parameter=name):
            return _almost(secret_bytes(request.query[name]), secrets)
        case HeaderToken():
            value = request.headers.get(scheme.header, "").strip()
            begin, blank, rest = value.partition(" ")
            if blank and not scheme.prefix and any_equal(header_bytes(rest.strip()), secrets):
                named = f"{{header: {scheme.header}, prefix: '{begin[:20]} '}}"
                return f"the token is right, and stands after a word: verify: {{header_token: {named}}}"
            return _almost(header_bytes(value), secrets)
    return ""


def _misplaced(wanted: str, query: Mapping[str, str]) -> str:
    """Where a query parameter stands that is missing."""
    for name, value in islice(query.items(), _MOST_HEADERS):
        if name != wanted and name.casefold().endswith(wanted.casefold()):
            return (
                f"the address has {name[:60]!r} instead: write ?{wanted}=..., or &{wanted}=... after other parameters"
            )
        if f"?{wanted}=" in value:
            return f"the address has two question marks: write & before {wanted}="
    return ""


def _almost(given: bytes, secrets: Sequence[str]) -> str:
    text = given.decode("utf-8", "replace")
    if given and any_equal(text.strip(_AROUND).encode(), secrets):
        return "the token is right, and has quotes, brackets or blanks around it: take them away at the sender"
    if any_equal(unquote(text).encode(), secrets):
        return "the token is right, and was escaped twice: write it into the address as `leadbridge hooks` shows it"
    return ""


def missing_signature(request: Request, scheme: Scheme) -> str:
    """What stands in the place of a signature's header that is missing; "" when it is there, or no header is wanted."""
    if isinstance(scheme, BodySecret | NoVerification | QueryToken | SignedToken):
        return ""
    wanted = signature_headers(scheme) or {"authorization"}
    if any(request.headers.get(name, "").strip() for name in wanted):
        return ""
    names = [name[:60] for name in islice(request.headers, _MOST_HEADERS)]
    near = {close for name in wanted for close in difflib.get_close_matches(name, names, n=2, cutoff=0.7)}
    near |= {name for name in names if any(word in name for word in _WORDS)}
    if near:
        shown = " and ".join(sorted(near)[:_MOST_NAMED])
        return f"the request has {shown} instead: is this the right sender, and the right preset?"
    return (
        "no header looks like a signature or token: is a secret set at the sender? does a proxy on the way drop "
        "headers (as most drop names with an underscore)?"
    )
