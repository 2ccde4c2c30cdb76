"""What of a request's headers and query is kept with its events: a short list, and never a secret."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from bridge.intake.verification.scheme import QueryToken, Scheme, proof_headers

if TYPE_CHECKING:
    from collections.abc import Collection

    from bridge.intake.preset import Preset
    from bridge.model import Request

ALWAYS: Final = ("content-type", "user-agent")
NEVER: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token"})
SECRET_PARAMETERS: Final = frozenset(
    {"token", "access_token", "auth", "secret", "password", "pwd", "api_key", "apikey", "signature", "sig"}
)
"""Query parameters that hold a secret more often than not; they are dropped whatever the scheme."""


def kept_headers(
    request: Request, preset: Preset, *, scheme: Scheme | None = None, also: Collection[str] = ()
) -> dict[str, str]:
    """The headers to keep, in lower case: the usual ones, the preset's, and `also` (those a mapping reads).

    A header that carries a proof, by `scheme` (the mapping's own, if any) or by the preset's, is never kept.
    """
    proofs = preset.proof_headers
    if scheme is not None and scheme is not preset.verify:
        proofs |= proof_headers(scheme)
    wanted = _wanted(preset.headers, frozenset(also), proofs)
    return {name: value for name, value in request.headers.items() if name in wanted}


@lru_cache(maxsize=1024)
def _wanted(headers: tuple[str, ...], also: frozenset[str], proofs: frozenset[str]) -> frozenset[str]:
    """Every request of a hook asks the same."""
    return frozenset(name.lower() for name in (*ALWAYS, *headers, *also)) - NEVER - proofs


def redacted_query(request: Request, scheme: Scheme | None) -> dict[str, str]:
    """The query without its secrets: the scheme's parameter, and what is a secret by its name."""
    if not request.query:
        return {}
    banned = _secret_parameters(scheme)
    return {name: value for name, value in request.query.items() if name.lower() not in banned}


def kept_query(request: Request, scheme: Scheme | None) -> bytes:
    """The same as the text of a form with all its repeated names: what a delivery by GET holds in place of a body."""
    banned = _secret_parameters(scheme)
    pairs = parse_qsl(request.url.partition("?")[2].partition("#")[0], keep_blank_values=True)
    return urlencode([(name, value) for name, value in pairs if name.lower() not in banned]).encode()


def _secret_parameters(scheme: Scheme | None) -> frozenset[str]:
    return SECRET_PARAMETERS | ({scheme.parameter.lower()} if isinstance(scheme, QueryToken) else set())
