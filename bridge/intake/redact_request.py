"""What of a request's headers and query is stored with its events: a short list, and never a secret."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bridge.intake.body.form import query_pairs
from bridge.intake.verification.scheme import QueryToken, Scheme, signature_headers

if TYPE_CHECKING:
    from collections.abc import Collection

    from bridge.model import Request

ALWAYS: Final = ("content-type", "content-encoding", "user-agent")
NEVER: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token"})
SECRET_PARAMETERS: Final = frozenset(
    {"token", "access_token", "auth", "secret", "password", "pwd", "api_key", "apikey", "signature", "sig"}
)
"""Query parameters that hold a secret more often than not; they are dropped whatever the scheme."""


def redact_headers(
    request: Request, wanted: Collection[str], *, scheme: Scheme | None, signatures: frozenset[str] = frozenset()
) -> dict[str, str]:
    """The headers to store, in lower case: the usual ones and `wanted` (those that a preset or a mapping reads).

    A header that carries a signature or a token, by the scheme or by `signatures` (in lower case), is never stored.
    """
    stored = _stored(tuple(wanted), signatures, signature_headers(scheme))
    return {name: value for name, value in request.headers.items() if name in stored}


@lru_cache(maxsize=1024)
def _stored(wanted: tuple[str, ...], *signatures: frozenset[str]) -> frozenset[str]:
    """Every request of a hook asks the same."""
    return frozenset(name.lower() for name in (*ALWAYS, *wanted)).difference(NEVER, *signatures)


def redact_query(request: Request, scheme: Scheme | None) -> dict[str, str]:
    """The query without its secrets: the scheme's parameter, and what is a secret by its name."""
    if not request.query:
        return {}
    banned = _secret_parameters(scheme)
    return {name: value for name, value in request.query.items() if name.lower() not in banned}


def query_as_form(request: Request, scheme: Scheme | None) -> bytes:
    """The same as the text of a form with all its repeated names: what a GET is stored with in place of a body."""
    banned = _secret_parameters(scheme)
    fields = request.url.partition("?")[2].partition("#")[0].split("&")
    return "&".join(
        [field for field in fields if not banned & {name.lower() for name, _ in query_pairs(field)}]
    ).encode()


def _secret_parameters(scheme: Scheme | None) -> frozenset[str]:
    return SECRET_PARAMETERS | ({scheme.parameter.lower()} if isinstance(scheme, QueryToken) else set())
