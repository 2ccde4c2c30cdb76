"""The settings, read from the environment: this module alone does so.

Every setting may also be given as NAME_FILE, the path of a file that holds the value (a mounted secret). All
problems are found at once.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bridge.config.table import DATA_CENTERS, SETTINGS, Setting
from bridge.errors import SettingsError
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


__all__ = ["DATA_CENTERS", "SETTINGS", "Setting", "Settings", "ZohoSettings", "environment", "load", "secret_reader"]

_BY_NAME: Final = {setting.name: setting for setting in SETTINGS}
_LEVELS: Final = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZohoSettings:
    """How to reach one Zoho account. Credentials are empty in a process that does not need them."""

    accounts_url: str
    api_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    proxy: str = field(default="", repr=False)
    ca_bundle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the environment says, checked. Durations are in seconds."""

    database_url: str = field(repr=False)
    mappings: Path
    bind: str
    admin_bind: str
    workers: int
    threads: int
    public_url: str
    max_body: int
    log_level: str
    trigger_calls: int
    subscribe_calls: int
    window_seconds: float
    lock_seconds: float
    zoho: ZohoSettings


def load(environ: Mapping[str, str], *, credentials: bool = False) -> Settings:
    """Read and check the settings.

    With `credentials`, those that a process needs to call Zoho are required too. Raises SettingsError with all
    problems.
    """
    problems: list[Problem] = []
    text = _values(environ, problems)
    number = _numbers(text, problems)
    _check_unknown(environ, problems)
    zoho = _zoho(text, problems, required=credentials)
    _check_binds(text, problems)
    if text["LEADBRIDGE_LOG_LEVEL"] not in _LEVELS:
        problems.append(_wrong("LEADBRIDGE_LOG_LEVEL", text["LEADBRIDGE_LOG_LEVEL"], f"one of {', '.join(_LEVELS)}"))
    if problems:
        raise SettingsError(problems)
    return Settings(
        database_url=text["LEADBRIDGE_DATABASE_URL"],
        mappings=Path(text["LEADBRIDGE_MAPPINGS"]),
        bind=text["LEADBRIDGE_BIND"],
        admin_bind=text["LEADBRIDGE_ADMIN_BIND"],
        workers=int(number["LEADBRIDGE_WORKERS"]),
        threads=int(number["LEADBRIDGE_THREADS"]),
        public_url=text["LEADBRIDGE_PUBLIC_URL"].rstrip("/"),
        max_body=int(number["LEADBRIDGE_MAX_BODY"]),
        log_level=text["LEADBRIDGE_LOG_LEVEL"],
        trigger_calls=int(number["LEADBRIDGE_TRIGGER_CALLS"]),
        subscribe_calls=int(number["LEADBRIDGE_SUBSCRIBE_CALLS"]),
        window_seconds=number["LEADBRIDGE_WINDOW_SECONDS"],
        lock_seconds=number["LEADBRIDGE_LOCK_SECONDS"],
        zoho=zoho,
    )


def environment() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ


def secret_reader(environ: Mapping[str, str]) -> Callable[[str], str]:
    """A function from a secret's name to its value, "" when neither NAME nor NAME_FILE gives one."""

    def read(name: str) -> str:
        if environ.get(name):
            return environ[name]
        path = environ.get(f"{name}_FILE")
        if not path:
            return ""
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            return ""  # reported as an unset secret, with its name, where the hook is closed

    return read


def _values(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    return {setting.name: _value(setting, environ, problems) for setting in SETTINGS}


def _value(setting: Setting, environ: Mapping[str, str], problems: list[Problem]) -> str:
    direct, path = environ.get(setting.name, ""), environ.get(f"{setting.name}_FILE", "")
    if direct and path:
        problems.append(
            Problem(
                code="contradiction",
                path=setting.name,
                message=f"both {setting.name} and {setting.name}_FILE are set",
                cure="keep one of them",
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
                cure="give the path of a readable file that holds the value",
            )
        )
        return setting.default or ""


_LOWEST: Final = {
    "LEADBRIDGE_WORKERS": 1,
    "LEADBRIDGE_THREADS": 1,
    "LEADBRIDGE_MAX_BODY": 1024,
    "LEADBRIDGE_TRIGGER_CALLS": 2,
    "LEADBRIDGE_SUBSCRIBE_CALLS": 2,
    "LEADBRIDGE_WINDOW_SECONDS": 0.1,
    "LEADBRIDGE_LOCK_SECONDS": 0.1,
}


def _numbers(text: Mapping[str, str], problems: list[Problem]) -> dict[str, float]:
    numbers = {}
    for name, lowest in _LOWEST.items():
        whole = isinstance(lowest, int)
        kind = "a whole number" if whole else "a number"
        try:
            numbers[name] = float(int(text[name]) if whole else float(text[name]))
        except ValueError:
            numbers[name] = float("nan")
        if not lowest <= numbers[name] < 1e12:
            problems.append(_wrong(name, text[name], f"{kind} of at least {lowest}"))
    return numbers


def _zoho(text: Mapping[str, str], problems: list[Problem], *, required: bool) -> ZohoSettings:
    name = text["ZOHO_DATA_CENTER"].lower()
    center = DATA_CENTERS.get(name)
    if name and center is None:
        close = difflib.get_close_matches(name, DATA_CENTERS, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        problems.append(_wrong("ZOHO_DATA_CENTER", name, f"one of {', '.join(DATA_CENTERS)}{hint}"))
    accounts_url = _url("ZOHO_ACCOUNTS_URL", text, center.accounts_url if center else "", problems)
    api_url = _url("ZOHO_API_URL", text, center.api_url if center else "", problems)
    if required and not name and not (accounts_url and api_url):
        problems.append(_missing("ZOHO_DATA_CENTER"))
    credentials = ("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN")
    if required:
        problems.extend(_missing(setting) for setting in credentials if not text[setting])
    client_id, client_secret, refresh_token = (text[setting] for setting in credentials)
    return ZohoSettings(
        accounts_url=accounts_url,
        api_url=api_url,
        client_id=client_id,
        client_secret=client_secret,
        refresh_token=refresh_token,
        proxy=text["ZOHO_PROXY"],
        ca_bundle=text["ZOHO_CA_BUNDLE"],
    )


def _url(name: str, text: Mapping[str, str], default: str, problems: list[Problem]) -> str:
    given = text[name].rstrip("/")
    if not given:
        return default
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problems.append(_wrong(name, given, "a web address such as https://accounts.zoho.eu"))
    others = {
        getattr(center, "accounts_url" if name == "ZOHO_ACCOUNTS_URL" else "api_url"): dc
        for dc, center in DATA_CENTERS.items()
    }
    if default and given in others and given != default:
        problems.append(
            Problem(
                code="contradiction",
                path=name,
                value=given,
                message=f"{name} is the host of data centre {others[given]!r}, but ZOHO_DATA_CENTER says "
                f"{text['ZOHO_DATA_CENTER']!r}",
                cure="a token works only in its own data centre: make the two agree",
            )
        )
    return given


def _check_binds(text: Mapping[str, str], problems: list[Problem]) -> None:
    names = ("LEADBRIDGE_BIND", "LEADBRIDGE_ADMIN_BIND")
    for name in names:
        host, _, port = text[name].rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            problems.append(_wrong(name, text[name], "an address and a port such as 127.0.0.1:8080"))
    if text[names[0]] == text[names[1]]:
        problems.append(
            Problem(
                code="contradiction",
                path="LEADBRIDGE_ADMIN_BIND",
                value=text["LEADBRIDGE_ADMIN_BIND"],
                message="LEADBRIDGE_ADMIN_BIND and LEADBRIDGE_BIND are the same",
                cure="give the health pages a port of their own, out of the public's reach",
            )
        )


def _check_unknown(environ: Mapping[str, str], problems: list[Problem]) -> None:
    # Only near misses: a mapping's secrets may have names of this kind too.
    known = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}_FILE")}
    for name in environ:
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        if name.startswith("LEADBRIDGE_") and name not in known and close:
            problems.append(
                Problem(
                    code="unknown_setting",
                    path=name,
                    message=f"there is no setting {name}",
                    cure=f"did you mean {close[0]}?",
                )
            )


def _missing(name: str) -> Problem:
    return Problem(
        code="missing_setting",
        path=name,
        message=f"{name} is not set",
        cure=f"{_BY_NAME[name].meaning} Set {name} or {name}_FILE.",
    )


def _wrong(name: str, value: str, wanted: str) -> Problem:
    return Problem(
        code="wrong_setting", path=name, value=value, message=f"{name} is {value!r}", cure=f"it must be {wanted}"
    )
