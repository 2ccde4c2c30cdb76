"""Who is signed in: a signed cookie of a session that the outbox has, or the header of a single sign-on proxy."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import g, session
from flask.sessions import SecureCookieSessionInterface

from bridge.config.console import ANYBODY, User
from bridge.errors import OutboxError
from bridge.model import HOUR_MS, MINUTE_MS
from bridge.outbox import registry
from bridge.times import now_ms
from bridge.web.trusted_proxy import is_trusted

if TYPE_CHECKING:
    from flask import Flask, Request
    from flask.sessions import SecureCookieSession
    from itsdangerous import URLSafeTimedSerializer

    from bridge.console.page import Console

_AWAY: Final = "leadbridge.outbox_away"

HOURS: Final = 12
"""How long a session lasts from signing in, used or not."""

REVEALED_MS: Final = 15 * MINUTE_MS
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


def sign_in(console: Console, user: User) -> None:
    """Start a session, of which nothing from before remains."""
    sign_out(console)
    session.permanent = True
    session.update(user=user.name, stamp=_stamp(user), secret=secrets.token_urlsafe(24))
    registry.start_session(console.outbox, session["secret"], now=now_ms(), until=now_ms() + HOURS * HOUR_MS)


def sign_out(console: Console) -> None:
    """End the session everywhere: a copy of its cookie opens nothing either."""
    if "secret" in session:
        registry.end_session(console.outbox, session["secret"])
    session.clear()


def signed_in(console: Console) -> User | None:
    """Whose session this is; None without one, after signing out or 12 hours, or once the user's line changed."""
    user = console.own.users.get(session.get("user", ""))
    if user is None or not hmac.compare_digest(session.get("stamp", ""), _stamp(user)):
        return None
    return user if registry.is_open_session(console.outbox, session.get("secret", ""), now=now_ms()) else None


def named_by_proxy(console: Console, request: Request) -> str:
    """Whom a trusted proxy names in the header of the settings; "" for nobody."""
    header = console.own.user_header
    if not header or not is_trusted(request.remote_addr or "", console.settings.trusted_proxies):
        return ""
    return request.headers.get(header, "").strip(" \t")  # a no-break space is part of a name


def user_of_proxy(console: Console, name: str) -> User | None:
    """The user of this name exactly, else of the line for anybody; None where there is none."""
    users = console.own.users
    found = users.get(name) or users.get(ANYBODY)
    return found and User(name=name, role=found.role)


def reveal(what: str) -> None:
    """Show the personal data of `what` (an id) unmasked in this session, for 15 minutes."""
    until = {name: at for name, at in session.get("revealed", {}).items() if at > now_ms()}
    session["revealed"] = dict(list(until.items())[-19:]) | {_by_user(what): now_ms() + REVEALED_MS}


def hide(what: str) -> None:
    """Mask the personal data of `what` again in this session."""
    session["revealed"] = {name: at for name, at in session.get("revealed", {}).items() if name != _by_user(what)}


def is_revealed(what: str) -> bool:
    """Whether the personal data of `what` is shown unmasked in this session."""
    return bool(session.get("revealed", {}).get(_by_user(what), 0) > now_ms())


def _by_user(what: str) -> str:
    """What was revealed is so for one user: behind a single sign-on proxy a browser's next one has the same cookie."""
    return f"{g.user.name} {what}"


def _stamp(user: User) -> str:
    """Changes with the user's password and role, and then ends his sessions."""
    return hashlib.sha256(f"{user.name}:{user.role}:{user.password_hash}".encode()).hexdigest()[:32]
