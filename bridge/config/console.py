"""The settings of the console: where it listens, how browsers reach it, and who may sign in."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from bridge.config.reading import web_address, wrong
from bridge.model import Problem, Role
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

BIND: Final = "LEADBRIDGE_CONSOLE_BIND"
URL: Final = "LEADBRIDGE_CONSOLE_URL"
USERS: Final = "LEADBRIDGE_CONSOLE_USERS"
USER_HEADER: Final = "LEADBRIDGE_CONSOLE_USER_HEADER"

ANYBODY: Final = "*"
"""In the list of users: everybody whom the single sign-on proxy names."""

_WANTED: Final = "https://HOST or https://HOST/PREFIX; http:// on this host alone"
_HASHES: Final = ("scrypt:", "pbkdf2:")
_ROLES: Final = {role.name.lower(): role for role in Role}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One who may sign in; without a hash only by the header of the single sign-on proxy."""

    name: str
    role: Role
    password_hash: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """The console's settings, checked. `url` has no slash at its end; `user_header` is "" where none is trusted."""

    bind: str
    url: str
    users: Mapping[str, User]
    user_header: str

    @property
    def prefix(self) -> str:
        """The path below which browsers see the console, "" at the top of its host."""
        return parts_of(self.url).path

    @property
    def is_https(self) -> bool:
        """Whether browsers reach it by HTTPS."""
        return self.url.startswith("https:")

    @property
    def is_open(self) -> bool:
        """Whether anybody at all can sign in."""
        return bool(self.user_header) or any(user.password_hash for user in self.users.values())


def read_console(text: Mapping[str, str], problems: list[Problem]) -> ConsoleSettings | None:
    """The console's settings from their texts; None where it is off. What is wrong is added to `problems`."""
    bind = text[BIND]
    if not bind:
        return None
    before = len(problems)
    users = _users(text[USERS], problems)
    url = text[URL].rstrip("/") or f"http://{bind}"
    settings = ConsoleSettings(bind=bind, url=url, users=users, user_header=text[USER_HEADER])
    if len(problems) == before:
        _check(settings, given_url=bool(text[URL]), problems=problems)
    return settings


def _check(settings: ConsoleSettings, *, given_url: bool, problems: list[Problem]) -> None:
    host = settings.bind.rpartition(":")[0]
    if not host:
        return  # said of the address itself
    if not is_loopback(host):
        if not settings.is_open:
            message = f"{BIND} is {settings.bind!r}, beyond this host, and nobody can sign in"
            fix = f"set {USERS}, see `leadbridge console-password`, or {USER_HEADER} behind a single sign-on proxy"
            problems.append(Problem(code="missing_setting", path=USERS, message=message, fix=fix))
        if not given_url:
            message = f"{BIND} is {settings.bind!r}, beyond this host, and {URL} is not set"
            fix = "set it to the address at which browsers reach the console, such as https://leadbridge.example.com"
            problems.append(Problem(code="missing_setting", path=URL, message=message, fix=fix))
    if not given_url:
        return
    before = len(problems)
    parts = web_address(URL, settings.url, problems, wanted=_WANTED)
    is_local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    is_whole = not parts.query and not parts.fragment and (parts.scheme == "https" or is_local)
    if len(problems) == before and not is_whole:
        problems.append(wrong(URL, settings.url, _WANTED))


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this host itself."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _users(text: str, problems: list[Problem]) -> dict[str, User]:
    users: dict[str, User] = {}
    for number, line in enumerate(filter(None, (piece.strip() for piece in text.splitlines())), 1):
        if line.startswith("#"):
            continue
        name, role, password_hash = (part.strip() for part in [*line.split(":", 2), "", ""][:3])
        is_known = not password_hash or password_hash.startswith(_HASHES)
        if not name or role not in _ROLES or not is_known or name in users or (name == ANYBODY and password_hash):
            message = f"line {number} of {USERS} is not a user"
            roles = ", ".join(_ROLES)
            fix = f"write NAME:ROLE:HASH, each name once, ROLE one of {roles}; `leadbridge console-password` prints it"
            problems.append(Problem(code="wrong_setting", path=USERS, message=message, fix=fix))
            continue
        users[name] = User(name=name, role=_ROLES[role], password_hash=password_hash)
    return users
