"""Web addresses that others write: a malformed one has no parts, and one with a password in it is refused."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bridge.model import Problem

_NOTHING: Final = SplitResult("", "", "", "", "")
_CREDENTIAL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?(?:[/\\]{2,})?[^/\\?#]*@")
_SHOWN: Final = re.compile(r"(//|\\\\)[^/\\?#]*@")


def parts_of(url: str) -> SplitResult:
    """The parts of an address, all of them safe to ask for; of what is no address (`http://[`, a port of 9999999) none.

    `urlsplit` raises ValueError for a host that is no IPv6 address in brackets, for one with characters that read
    differently once they are normalised, and only later, when `port` is asked for, for what is no port.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - judged when it is asked for
    except ValueError:
        return _NOTHING
    return parts


def scheme_of(url: str) -> str:
    """What stands before `://`; nothing of any other text, which may hold a password."""
    scheme, is_there, _ = url.partition("://")
    return scheme if is_there and scheme.isalpha() else ""


def without_credential(text: str) -> str:
    """A text to be shown, without the user names and the passwords of the addresses in it."""
    return _SHOWN.sub(r"\1...@", text)


def credential_problem(url: str, path: str, fix: str, *, name: str = "the address") -> Problem | None:
    """The problem of an address with a user name or a password before its host (`https://USER:PASSWORD@HOST/`).

    Logs, messages and histories show addresses, so no secret stands in one. `path` is the key that holds it, `name` its
    name in the message, `fix` says where the secret belongs. Nothing of the address is repeated, malformed or not.
    """
    if not _CREDENTIAL.match(url):
        return None
    message = f"{name} has a user name or a password before its host (USER:PASSWORD@HOST)"
    return Problem(code="credential_in_address", message=message, fix=fix, path=path)
