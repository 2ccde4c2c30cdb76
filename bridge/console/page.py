"""What every page is made of: how it is registered, who may see it, and how it is shown."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, url_for
from flask import request as http
from werkzeug.exceptions import Forbidden

from bridge.console.login_delay import LoginDelay
from bridge.model import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Response as AnyResponse

    from bridge.config import Settings
    from bridge.config.console import ConsoleSettings, User
    from bridge.outbox import Outbox

EXTENSION: Final = "leadbridge.console"
PART: Final = "Leadbridge-Part"
"""The header by which the console's script asks for the content of a page alone, to show it in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What the console's process holds."""

    settings: Settings
    own: ConsoleSettings
    outbox: Outbox
    notify_jobs: Callable[[], None] = lambda: None
    """Has somebody carry out the jobs that wait."""
    delay: LoginDelay = field(default_factory=LoginDelay)
    hashing: threading.Lock = field(default_factory=threading.Lock)
    """Held while a password is checked, which takes 32 MB and 0.1 s."""
    starting: threading.Lock = field(default_factory=threading.Lock)
    """Held from looking whether a job has been started until it is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: a template with its values, and the same as a JSON document. Persons are in `values` alone
    behind the filters that mask them, and in `document` as `reveals()` allows.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    document: Any = None
    status: int = 200


class Page(Blueprint):
    """One entry of the navigation, with everything below its path. `shortcut` is the key after `g` that goes there."""

    def __init__(self, name: str, *, title: str, shortcut: str, role: Role = Role.VIEWER) -> None:
        super().__init__(name, __name__)
        self.title = title
        self.shortcut = shortcut
        self.role = role

    def look(self, rule: str, *, role: Role | None = None) -> Callable[[Callable[..., Shown]], Callable[..., Response]]:
        """Registers what shows `rule` as HTML and `rule` with `.json` as the document; it must change nothing."""

        def register(view: Callable[..., Shown]) -> Callable[..., Response]:
            @wraps(view)
            def html(**parts: Any) -> Response:
                need(role or self.role)
                return shown(view(**parts))

            @wraps(view)
            def document(**parts: Any) -> Response:
                need(role or self.role)
                return json_answer(view(**parts))

            path = f"/{self.name}{rule}"
            self.add_url_rule(path, view.__name__, html, methods=["GET"])
            self.add_url_rule(f"{path}.json", f"{view.__name__}_json", document, methods=["GET"])
            return html

        return register

    def act(
        self, rule: str, *, role: Role
    ) -> Callable[[Callable[..., AnyResponse | Shown]], Callable[..., AnyResponse]]:
        """Registers what changes something, or shows what must not stand in a URL: reached by POST alone."""

        def register(view: Callable[..., AnyResponse | Shown]) -> Callable[..., AnyResponse]:
            @wraps(view)
            def checked(**parts: Any) -> AnyResponse:
                need(role)
                answer = view(**parts)
                return shown(answer) if isinstance(answer, Shown) else answer

            self.add_url_rule(f"/{self.name}{rule}", view.__name__, checked, methods=["POST"])
            return checked

        return register


def console() -> Console:
    """The parts of this console."""
    found: Console = current_app.extensions[EXTENSION]
    return found


def user() -> User:
    """Who is signed in; nothing but the sign-in page is reached without."""
    found: User = g.user
    return found


def may(role: Role) -> bool:
    """Whether who is signed in has this role. For what a page offers; what is asked for is checked by `need`."""
    return bool(user().role >= role)


def need(role: Role) -> None:
    """Raises Forbidden unless who is signed in has this role."""
    if not may(role):
        raise Forbidden(f"this takes the role {role.name.lower()}; {user().name} is {user().role.name.lower()}")


def to(endpoint: str, *, said: str = "", **parts: Any) -> AnyResponse:
    """Go on to a page, where `said` stands at the top, once."""
    if said:
        flash(said)
    return redirect(url_for(endpoint, **parts), code=303)


def shown(what: Shown) -> Response:
    """A page as HTML; of one that the console's script asks for again, the content alone."""
    frame = "part.html" if http.headers.get(PART) else "frame.html"
    return Response(render_template(what.template, frame=frame, **what.values), what.status)


def json_answer(what: Shown) -> Response:
    """A page as JSON."""
    try:
        body = orjson.dumps(what.document, option=orjson.OPT_INDENT_2, default=str)
    except TypeError:  # a number beyond 64 bits or half a surrogate pair, which a payload may hold
        body = json.dumps(what.document, indent=2, default=str).encode()
    return Response(body, what.status, content_type="application/json")
