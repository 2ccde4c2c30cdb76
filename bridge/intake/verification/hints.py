"""The cheap part of a diagnosis, for the log of every rejected request: no signature is tried."""

from __future__ import annotations

import difflib
from itertools import islice
from typing import TYPE_CHECKING, Final

from bridge.intake.verification.scheme import (
    BodySecret,
    NoVerification,
    QueryToken,
    Scheme,
    SignedToken,
    signature_headers,
)
from bridge.intake.verification.secret_check import secret_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model import Request

_WORDS: Final = ("sig", "hmac", "token", "auth", "key", "hash")
_MOST_HEADERS: Final = 50
_MOST_NAMED: Final = 4


def rejection_hint(request: Request, scheme: Scheme, secrets: Mapping[str, tuple[str, ...]]) -> str:
    """What is said of a rejected request in the log: what is wrong with the secrets, or what its headers lack."""
    found = [f"{problem.message}; {problem.fix}" for problem in secret_problems(scheme, secrets)]
    return "; ".join(dict.fromkeys(filter(None, (*found, missing_signature(request, scheme)))))


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
