"""Signing in and out, and the gate that everything else is behind."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from flask import Blueprint, Response, g, redirect, render_template, url_for
from flask import request as http
from werkzeug.exceptions import Forbidden
from werkzeug.security import check_password_hash, generate_password_hash

from bridge import log
from bridge.console import sessions
from bridge.console.page import console
from bridge.times import now_ms
from bridge.web.trusted_proxy import client_of

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.config.console import User

OPEN_TO_ALL: Final = frozenset({"login.form", "login.enter", "static_file", "livez"})
"""The endpoints that are reached without signing in."""


def guard(app: Flask) -> None:
    """Put everything but the sign-in page behind a sign-in, and register that page."""
    app.before_request(_find_user)
    app.register_blueprint(blueprint)


blueprint: Final = Blueprint("login", __name__)


def _find_user() -> AnyResponse | None:
    if http.endpoint in ("static_file", "livez"):
        g.user = None
        return None
    sessions.needed_outbox(http)
    parts = console()
    named = sessions.named_by_proxy(parts, http)
    g.user = sessions.user_of_proxy(parts, named) if named else sessions.signed_in(parts)
    g.by_proxy = bool(named)
    if http.endpoint in OPEN_TO_ALL:
        return None
    if g.user is not None:
        return None
    if named:
        raise Forbidden(f"{named} has no role here; add the line {named}:viewer to LEADBRIDGE_CONSOLE_USERS")
    return redirect(url_for("login.form", to=_wanted()), code=303)


def _wanted() -> str | None:
    """The page that was asked for, to come back to; ids stand in its path, nothing personal."""
    return http.path if http.method == "GET" and http.path != "/" else None


@blueprint.get("/login")
def form() -> Response | AnyResponse:
    """The sign-in page."""
    if g.user is not None:
        return redirect(url_for("home"), code=303)
    return _form()


@blueprint.post("/login")
def enter() -> Response | AnyResponse:
    """Check a name and its password; a wrong one makes the next try from there wait longer."""
    name, password = http.form.get("name", "")[:200].strip(), http.form.get("password", "")[:1000]
    client = _client()
    wait, user = _tried(client, name, password)
    if wait:
        log.get_logger().warning("console.rejected", client=client, why="too_many_tries")
        answer = _form(name=name, error=f"Too many wrong passwords. Try again in {wait} s.", status=429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    if user is None:
        log.get_logger().warning("console.rejected", client=client, why="wrong_password")
        return _form(name=name, error="This name and password do not belong together.", status=401)
    sessions.sign_in(console(), user)
    log.get_logger().info("console.signed_in", actor=user.name, client=client)
    return redirect(_inside(http.args.get("to", "")), code=303)


@blueprint.post("/logout")
def leave() -> AnyResponse:
    """End the session, for every copy of its cookie."""
    sessions.sign_out(console())
    return redirect(url_for("login.form"), code=303)


def _client() -> str:
    """Where a try comes from. Only a console at an https:// address has a proxy before it that could know better."""
    forwarded = http.headers.get("X-Forwarded-For", "") if console().own.is_https else ""
    return client_of(http.remote_addr or "", forwarded, console().settings.trusted_proxies)


def _tried(client: str, name: str, password: str) -> tuple[int, User | None]:
    """How many seconds this try must wait and, where it need not, the user if the password matches.

    One after another: tries at the same time would all be judged by what was wrong before the first of them.
    """
    delay = console().delay
    with console().hashing:
        if wait := delay.seconds(client, name, now_ms()):
            return wait, None
        user = _checked(name, password)
        if user is None:
            delay.failed(client, name, now_ms())
        else:
            delay.succeeded(client, name)
    return 0, user


def _checked(name: str, password: str) -> User | None:
    """The user, if the password matches. An unknown name takes as long as a known one."""
    user = console().own.users.get(name)
    fits = check_password_hash((user and user.password_hash) or _nobodys_hash(), password)
    return user if fits and user is not None and user.password_hash else None


@cache
def _nobodys_hash() -> str:
    return generate_password_hash(secrets.token_hex())


def _inside(path: str) -> str:
    """Where to go after signing in: a page of the console, whatever the link said."""
    steps = unquote(path).replace("\\", "/").split("/")
    if (
        not path.startswith("/")
        or (steps[1] == "" and path != "/")
        or {".", ".."} & set(steps)
        or not path.isprintable()
    ):
        return url_for("home")
    return http.root_path.rstrip("/") + path


def _form(*, name: str = "", error: str = "", status: int = 200) -> Response:
    page = render_template("login.html", name=name, error=error, is_open=console().own.is_open)
    return Response(page, status)
