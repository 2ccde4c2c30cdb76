"""The settings file: `NAME=value` lines, as Docker's --env-file and systemd's EnvironmentFile read them.

Commands and the service read the same one. A variable of the environment wins over its line in the file, and relative
paths in the file are relative to the file's folder, so it does not matter where a command runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from dotenv.parser import parse_stream

from bridge.config.secrets import SECRETS_FOLDER
from bridge.config.table import SETTINGS
from bridge.errors import SettingsError
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SETTINGS_FILE: Final = "LEADBRIDGE_SETTINGS"
DEFAULT_FILE: Final = "leadbridge.env"

_DATABASE: Final = "LEADBRIDGE_DATABASE_URL"
_SQLITE: Final = "sqlite:///"
_PATHS: Final = ("LEADBRIDGE_MAPPINGS", SECRETS_FOLDER)
_DEFAULTS: Final = {"LEADBRIDGE_MAPPINGS": "mappings", _DATABASE: f"{_SQLITE}leadbridge.db"}


def settings_path(environ: Mapping[str, str]) -> Path | None:
    """The settings file: that of LEADBRIDGE_SETTINGS, else leadbridge.env in the current folder; None without one.

    LEADBRIDGE_SETTINGS may be empty: then no file is read.
    """
    named = environ.get(SETTINGS_FILE)
    path = Path(DEFAULT_FILE if named is None else named)
    return path if named or (named is None and path.is_file()) else None


def with_settings_file(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, and below it what the settings file says. Raises SettingsError with all of its problems."""
    path = settings_path(environ)
    if path is None:
        return environ
    written = _read(path)
    written |= {name: value for name, value in _DEFAULTS.items() if not {name, f"{name}_FILE"} & written.keys()}
    given = {name.removesuffix("_FILE") for name in environ}
    below = {name: _placed(name, value, path.parent) for name, value in written.items()}
    return {name: value for name, value in below.items() if name.removesuffix("_FILE") not in given} | dict(environ)


def _is_text(value: str | None) -> bool:
    """Whether a value is there that the environment could hold as well, which knows no NUL."""
    return value is not None and "\0" not in value


def _read(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError(
            [
                Problem(
                    code="unreadable_file",
                    path=SETTINGS_FILE,
                    value=str(path),
                    message=f"the settings file {str(path)!r} cannot be read: {reason}",
                    fix=f"name a readable file by {SETTINGS_FILE}, or make it empty to read none",
                )
            ]
        ) from error
    bad = [one.original.line for one in bindings if one.error or (one.key is not None and not _is_text(one.value))]
    known = {setting.name + ending for setting in SETTINGS for ending in ("", "_FILE")}
    meant = [(one.original.line, one.key, _meant(one.key, known)) for one in bindings if one.key is not None]
    problems = [_unreadable_line(path, line) for line in bad]
    problems += [_other_name(path, line, name, setting) for line, name, setting in meant if setting]
    if problems:
        raise SettingsError(problems)
    return {one.key: one.value for one in bindings if one.key is not None and one.value is not None}


def _meant(name: str, known: Collection[str]) -> str | None:
    """The setting that a name means which lacks its prefix or its capitals; None for a setting or any other name."""
    spelt = name.upper().replace("-", "_").replace(".", "_")
    meant = next((one for one in (spelt, f"LEADBRIDGE_{spelt}") if one in known), None)
    return None if name in known else meant


def _other_name(path: Path, line: int, name: str, setting: str) -> Problem:
    return Problem(
        code="unknown_setting",
        file=str(path),
        line=line,
        message=f"{path}, line {line}: there is no setting {name}",
        fix=f"write {setting}=...",
    )


def _unreadable_line(path: Path, line: int) -> Problem:
    """The line itself is not shown: it may hold a secret."""
    return Problem(
        code="bad_line",
        file=str(path),
        line=line,
        message=f"{path}, line {line} is not a setting",
        fix="write NAME=value, one a line",
    )


def _placed(name: str, value: str, folder: Path) -> str:
    """A relative path with the file's folder before it."""
    if name == _DATABASE and value.startswith(_SQLITE):
        return _SQLITE + str(folder / value.removeprefix(_SQLITE))
    is_path = name in _PATHS or name.endswith(("_FILE", "_CA_BUNDLE"))
    return str(folder / value) if is_path and value else value
