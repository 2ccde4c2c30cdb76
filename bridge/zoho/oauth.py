"""Access tokens: from a refresh token, and the first time from a grant code.

Secrets go in the form body, though the documented samples put them in the URL, where they end up in logs:
https://zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from bridge.errors import TokenError
from bridge.model import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from bridge.http import Http, HttpAnswer

DEADLINE_SECONDS = 30.0
DEFAULT_LIFE_MS = HOUR_MS
MAX_LIFE_MS = DAY_MS
MAX_TOKEN = 2_048

_FIXES = {
    "invalid_code": "the refresh token or code is wrong, used up or revoked; authorise again",
    "invalid_client": "this data centre does not know the client id; use the data centre in which the client was made",
    "invalid_client_secret": "the client secret is wrong; copy it again from Zoho's API console",
    "invalid_redirect_uri": "the client's redirect address differs; use a self client",
    "invalid_scope": "a scope is not known; authorise again with the documented scopes",
    "invalid_oauthscope": "a scope is not known; authorise again with the documented scopes",
    "unauthorized_scope": "the client may not have this scope; authorise again with the documented scopes",
}
"""Errors that a repetition cannot fix. Seen with HTTP 200: https://github.com/guanguans/notify"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token for calls, and how long it lives from now. `api_domain` names its data centre, empty if unknown."""

    token: str
    expires_in_ms: int
    api_domain: str = ""

    def __repr__(self) -> str:
        return f"AccessToken(expires_in_ms={self.expires_in_ms}, api_domain={self.api_domain!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a grant code was exchanged for: the refresh token to store, and a first access token."""

    refresh_token: str
    access: AccessToken

    @property
    def api_domain(self) -> str:
        """The API host of the data centre, empty if unknown."""
        return self.access.api_domain

    def __repr__(self) -> str:
        return f"Grant(access={self.access!r})"


def refresh(
    http: Http,
    accounts_url: str,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> AccessToken:
    """A new access token. Zoho issues at most 10 per refresh token in 10 minutes, so the caller counts these calls.

    https://help.zoho.com/portal/en/community/topic/kaizen-43-tokens-and-limitations

    Raises:
        TokenError: no token can be obtained; `permanent` when only a person can change that. Otherwise wait 10 minutes.
        NoAnswerError: no whole answer came in time.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    return _access(_post(http, accounts_url, form, deadline_seconds))


def exchange(
    http: Http,
    accounts_url: str,
    *,
    client_id: str,
    client_secret: str,
    code: str,
) -> Grant:
    """Turn a self client's code, good once and for minutes, into a refresh token.

    https://zoho.com/accounts/protocol/oauth/self-client/authorization-code-flow.html

    Raises:
        TokenError: the code is not accepted, or no refresh token came with the answer.
        NoAnswerError: no whole answer came in time.
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "client_secret": client_secret,
        "code": code,
    }
    answer = _post(http, accounts_url, form, DEADLINE_SECONDS)
    refresh_token = _token(answer, "refresh_token")
    if not refresh_token:
        raise TokenError("Zoho gave no refresh token; make a new code for offline access", permanent=True)
    return Grant(refresh_token=refresh_token, access=_access(answer))


def _post(http: Http, accounts_url: str, form: dict[str, str], deadline_seconds: float) -> dict[str, Any]:
    """The answer, if it holds a token. The HTTP status is ignored: errors come with 200 as well as 400."""
    url = accounts_url.rstrip("/") + "/oauth/v2/token"
    reply = http.send("POST", url, form=form, deadline_seconds=deadline_seconds, max_bytes=100_000)
    answer = _json(reply)
    if _token(answer, "access_token"):
        return answer
    raise _error(answer, reply.status)


def _token(answer: dict[str, Any], name: str) -> str:
    """A token, empty where there is none that can stand in a header and in a line of a file."""
    value = answer.get(name)
    good = isinstance(value, str) and len(value) <= MAX_TOKEN and value.isascii() and value.isprintable()
    return str(value) if good and " " not in str(value) else ""


def _json(reply: HttpAnswer) -> dict[str, Any]:
    try:
        value = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _error(answer: dict[str, Any], http_status: int) -> TokenError:
    """The texts are translated by the user's language, so what is not known to be permanent is taken as passing."""
    word = answer.get("error")
    code = word.strip().lower().replace(" ", "_") if isinstance(word, str) else ""
    if code in _FIXES and answer.get("status") != "failure":
        return TokenError(f"Zoho refused the token ({code}): {_FIXES[code]}", permanent=True)
    if answer.get("status") == "failure" or code:
        return TokenError("Zoho gives no access token for now, most likely after too many requests; wait 10 minutes")
    return TokenError(
        f"Zoho's accounts server gave no usable answer (HTTP {http_status}); wait, and check the data centre"
    )


def _access(answer: dict[str, Any]) -> AccessToken:
    return AccessToken(
        token=answer["access_token"],
        expires_in_ms=_life_ms(answer),
        api_domain=answer["api_domain"] if isinstance(answer.get("api_domain"), str) else "",
    )


def _life_ms(answer: dict[str, Any]) -> int:
    """`expires_in` counts seconds (3600). Over a day they are milliseconds, of a day at most."""
    life = answer.get("expires_in")
    if isinstance(life, str) and life.isascii() and life.isdigit():
        life = int(life[:19])
    if not isinstance(life, int) or isinstance(life, bool) or life <= 0:
        return DEFAULT_LIFE_MS
    return min(life if life > 86_400 else life * 1_000, MAX_LIFE_MS)
