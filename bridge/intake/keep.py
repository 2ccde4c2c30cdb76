"""What of a request's headers and query is kept with its events: a short list, and never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.intake.scheme import HeaderToken, HmacScheme, QueryToken, Scheme

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
    banned = NEVER | _proof_headers(scheme) | _proof_headers(preset.verify)
    wanted = {name.lower() for name in (*ALWAYS, *preset.headers, *also)} - banned
    return {name: value for name, value in request.headers.items() if name in wanted}


def redacted_query(request: Request, scheme: Scheme | None) -> dict[str, str]:
    """The query without its secrets: the scheme's parameter, and what is a secret by its name."""
    banned = {scheme.parameter.lower()} if isinstance(scheme, QueryToken) else set()
    return {name: value for name, value in request.query.items() if name.lower() not in SECRET_PARAMETERS | banned}


def _proof_headers(scheme: Scheme | None) -> frozenset[str]:
    match scheme:
        case HmacScheme():
            return frozenset(scheme.headers)
        case HeaderToken():
            return frozenset({scheme.header})
        case _:
            return frozenset()
