"""Reading one setting, from the environment or from the file it names, and saying what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bridge.model import Problem
from bridge.web_address import credential_problem, parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from bridge.config.table import Setting


def value(setting: Setting, environ: Mapping[str, str], problems: list[Problem]) -> str:
    """The text of a setting: NAME, else the content of the file NAME_FILE, else its default or ""."""
    direct, path = environ.get(setting.name, "").strip(), environ.get(f"{setting.name}_FILE", "")
    if direct and path:
        problems.append(
            Problem(
                code="contradiction",
                path=setting.name,
                message=f"both {setting.name} and {setting.name}_FILE are set",
                fix="keep one of them",
            )
        )
    if direct or not path:
        return direct or setting.default or ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        problems.append(
            Problem(
                code="unreadable_file",
                path=f"{setting.name}_FILE",
                value=path,
                message=f"{setting.name}_FILE names {path!r}, which cannot be read: {reason}",
                fix="give the path of a readable file that holds the value",
            )
        )
        return setting.default or ""


def missing(setting: Setting) -> Problem:
    """A setting that is needed and not there."""
    return Problem(
        code="missing_setting",
        path=setting.name,
        message=f"{setting.name} is not set",
        fix=f"{setting.description} Set {setting.name} or {setting.name}_FILE.",
    )


def wrong(name: str, text: str, wanted: str) -> Problem:
    """A setting whose value cannot be; `wanted` says what it must be."""
    return Problem(
        code="wrong_setting", path=name, value=text, message=f"{name} is {text!r}", fix=f"it must be {wanted}"
    )


def is_web_address(parts: SplitResult) -> bool:
    """Whether these are the parts of an address that can be called."""
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0


def signed_in(name: str, given: str) -> Problem | None:
    """The problem of a setting whose address has a user name or a password in it."""
    fix = "leave out what stands before the @: Leadbridge signs in nowhere by an address"
    return credential_problem(given, name, fix, name=name)


def web_address(name: str, given: str, problems: list[Problem], *, wanted: str) -> SplitResult:
    """The parts of a setting's web address; `wanted` says what it must be. No secret in it is shown."""
    parts = parts_of(given)
    if problem := signed_in(name, given):
        problems.append(problem)
    elif not is_web_address(parts):
        _, at, after = given.rpartition("@")  # what stands before it may be a password
        problems.append(wrong(name, f"...@{after}" if at else after, wanted))
    return parts
