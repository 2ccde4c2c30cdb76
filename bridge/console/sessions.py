"""Who is signed in: a signed cookie, or the header of a trusted single sign-on proxy."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import session
from flask.sessions import SecureCookieSessionInterface

from bridge.config.console import ANYBODY, User
from bridge.errors import OutboxError
from bridge.outbox import registry
from bridge.web.pages import now
from bridge.web.trusted_proxy import is_trusted

if TYPE_CHECKING:
    from flask import Flask, Request
    from flask.sessions import SecureCookieSession
    from itsdangerous import URLSafeTimedSerializer

    from bridge.console.page import Console

_AWAY: Final = "leadbridge.outbox_away"

HOURS: Final = 12
"""How long a session lasts from signing in, used or not."""

REVEALED_MS: Final = 15 * 60_000
"""How long what was revealed stays so."""


class _Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies, with the outbox's identity as their key: the same on every host, and secret."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session; while the outbox is away an empty one, and `needed_outbox` raises why."""
        try:
            return super().open_session(app, request)
        except OutboxError as error:
            request.environ[_AWAY] = error
            return self.make_null_session(app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Raises OutboxError while the outbox is away."""
        if app.secret_key is None:
            identity = registry.identity(self._console.outbox)
            app.secret_key = hmac.digest(identity, b"console sessions", "sha256")
        return super().get_signing_serializer(app)


def use_sessions(app: Flask, console: Console) -> None:
    """Sessions of 12 hours, in a cookie that no other host or script can read or set."""
    own = console.own
    app.session_interface = _Sessions(console)
    app.config.update(
        SESSION_COOKIE_NAME="__Host-leadbridge" if own.is_https else "leadbridge",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SECURE=own.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=HOURS),
    )


def needed_outbox(request: Request) -> None:
    """Raises OutboxError where the outbox was away when the session was opened."""
    if _AWAY in request.environ:
        raise request.environ[_AWAY]


def sign_in(user: User) -> None:
    """Start a session, of which nothing from before remains."""
    session.clear()
    session.permanent = True
    session.update(user=user.name, stamp=_stamp(user), since=now())


def signed_in(console: Console) -> User | None:
    """Whose session this is; None without one, after 12 hours, or once the user's line in the settings has changed."""
    user = console.own.users.get(session.get("user", ""))
    if user is None or not hmac.compare_digest(session.get("stamp", ""), _stamp(user)):
        return None
    age = now() - int(session.get("since", 0))
    return user if 0 <= age < HOURS * 3_600_000 else None


def named_by_proxy(console: Console, request: Request) -> str:
    """Whom a trusted proxy names in the header of the settings; "" for nobody."""
    header = console.own.user_header
    if not header or not is_trusted(request.remote_addr or "", console.settings.trusted_proxies):
        return ""
    return request.headers.get(header, "").strip()


def user_of_proxy(console: Console, name: str) -> User | None:
    """The user of this name exactly, else of the line for anybody; None where there is none."""
    users = console.own.users
    found = users.get(name) or users.get(ANYBODY)
    return found and User(name=name, role=found.role)


def reveal(what: str) -> None:
    """Show the personal data of `what` (an id) unmasked in this session, for 15 minutes."""
    until = {name: at for name, at in session.get("revealed", {}).items() if at > now()}
    session["revealed"] = dict(list(until.items())[-19:]) | {what: now() + REVEALED_MS}


def is_revealed(what: str) -> bool:
    """Whether the personal data of `what` is shown unmasked in this session."""
    return bool(session.get("revealed", {}).get(what, 0) > now())


def _stamp(user: User) -> str:
    """Changes with the user's password and role, and then ends his sessions."""
    return hashlib.sha256(f"{user.name}:{user.role}:{user.password_hash}".encode()).hexdigest()[:32]
