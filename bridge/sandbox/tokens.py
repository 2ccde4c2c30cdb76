"""The sandbox's OAuth: authorization codes, refresh tokens, access tokens and their limits.

https://zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html (3600 seconds, 10 tokens in 10 minutes);
https://zohohelp.com/crm/developer/docs/api/v8/token-validity.html (15 live tokens, the 16th ends the oldest).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.sandbox.answers import access_denied, oauth_error, oauth_success

if TYPE_CHECKING:
    from bridge.sandbox.answers import Answer
    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.settings import SandboxSettings


@dataclass(slots=True)
class Tokens:
    """Every token the sandbox gave out. Times in milliseconds."""

    settings: SandboxSettings
    _ends: dict[str, int] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _given: dict[str, list[int]] = field(default_factory=dict)
    _used_codes: set[str] = field(default_factory=set)

    def answer(self, parameters: Parameters, now: int) -> Answer:
        """Answers a token request (`refresh_token`, `authorization_code`). Errors come with HTTP 200, as Zoho's do."""
        wrong = self._client_fault(parameters)
        if wrong:
            return oauth_error(wrong)
        match parameters.first("grant_type"):
            case "refresh_token":
                return self._refresh(parameters.first("refresh_token"), now)
            case "authorization_code":
                return self._exchange(parameters.first("code"), now)
            case _:
                return oauth_error("unsupported_grant_type")

    def is_live(self, header: str, now: int) -> bool:
        """Whether an Authorization header brings a token still good. Only the word `Zoho-oauthtoken` is understood."""
        return now < self._ends.get(_token_in(header), 0)

    def revoke(self, header: str) -> None:
        """Ends the token in an Authorization header, if there is one."""
        self._ends.pop(_token_in(header), None)

    def forget_counts(self) -> None:
        """Forgets how many tokens were given and which codes were used; tokens stay good."""
        self._given.clear()
        self._used_codes.clear()

    def _client_fault(self, parameters: Parameters) -> str:
        expected = {"client_id": self.settings.client_id, "client_secret": self.settings.client_secret}
        for name, value in expected.items():
            given = parameters.first(name)
            if not given or (value and given != value):
                return "invalid_client" if name == "client_id" else "invalid_client_secret"
        return ""

    def _refresh(self, refresh_token: str, now: int) -> Answer:
        # A bad refresh token is answered as a bad code is.
        if not refresh_token or (self.settings.refresh_token and refresh_token != self.settings.refresh_token):
            return oauth_error("invalid_code")
        return self._give(refresh_token, now, first=False)

    def _exchange(self, code: str, now: int) -> Answer:
        if not code or code in self._used_codes:
            return oauth_error("invalid_code")
        self._used_codes.add(code)
        return self._give(self.settings.refresh_token or _new_token(), now, first=True)

    def _give(self, refresh_token: str, now: int, *, first: bool) -> Answer:
        since = now - int(self.settings.token_window_seconds * 1000)
        given = [at for at in self._given.get(refresh_token, []) if at > since]
        if len(given) >= self.settings.tokens_per_window:
            return access_denied()
        self._given[refresh_token] = [*given, now]
        token = _new_token()
        self._ends[token] = now + self.settings.token_seconds * 1000
        self._owners[token] = refresh_token
        self._end_oldest(refresh_token, now)
        return oauth_success(token, self.settings.token_seconds, refresh_token if first else "")

    def _end_oldest(self, refresh_token: str, now: int) -> None:
        live = [token for token, end in self._ends.items() if end > now and self._owners[token] == refresh_token]
        for token in live[: -self.settings.live_tokens]:
            del self._ends[token]


def _new_token() -> str:
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"


def _token_in(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme == "Zoho-oauthtoken" else ""
