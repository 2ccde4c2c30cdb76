"""The settings, read from the environment and from the settings file: this module alone does so.

Every setting may also be given as NAME_FILE, the path of a file that holds the value (a mounted secret). All
problems are found at once.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.config.accounts import (
    PREFIX,
    ZohoSettings,
    account_names,
    known_accounts,
    prefix_of,
    read_account,
    setting_names,
)
from bridge.config.alarms import AlarmSettings, MailServer, read_alarms
from bridge.config.console import ConsoleSettings, read_console
from bridge.config.logging import read_levels
from bridge.config.proxies import read_proxies
from bridge.config.reading import value, web_address, wrong
from bridge.config.secrets import SecretReader, refused_name
from bridge.config.settings_file import DEFAULT_FILE as DEFAULT_SETTINGS_FILE
from bridge.config.settings_file import SETTINGS_FILE, settings_path, with_settings_file
from bridge.config.table import DATA_CENTERS, SETTINGS, Setting
from bridge.errors import SettingsError
from bridge.model import DEFAULT_ACCOUNT, LARGEST_BODY, SMALLEST_BODY, Problem
from bridge.web_address import scheme_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network


__all__ = [
    "DATA_CENTERS",
    "DEFAULT_SETTINGS_FILE",
    "SETTINGS",
    "SETTINGS_FILE",
    "AlarmSettings",
    "ConsoleSettings",
    "MailServer",
    "SecretReader",
    "Setting",
    "Settings",
    "ZohoSettings",
    "environment",
    "known_accounts",
    "load",
    "prefix_of",
    "refused_name",
    "settings_path",
]

MAX_HEADROOM: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the settings say, checked. Durations are in seconds."""

    database_url: str = field(repr=False)
    mappings: Path
    bind: str
    admin_bind: str
    workers: int
    threads: int
    public_url: str
    max_body: int
    hook_limit: int
    log_levels: Mapping[str, str]
    log_addresses: bool
    compress_bodies: bool
    traces: bool
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    keep_bodies_days: int
    keep_events_days: int
    trigger_calls: int
    subscribe_calls: int
    window_seconds: float
    lock_seconds: float
    headroom_percent: float
    trigger_others: int
    subscribe_others: int
    upkeep_seconds: float
    reconcile_hours: float
    reconcile_alarm_percent: float
    fetch_url: str
    console: ConsoleSettings | None
    accounts: Mapping[str, ZohoSettings]
    alarms: AlarmSettings

    @property
    def log_level(self) -> str:
        """The level for what has none of its own."""
        return self.log_levels[""]

    def hook_url(self, name: str) -> str:
        """Where senders reach a hook: below the public address, or on this host where none is set."""
        return f"{self.public_url or f'http://{self.bind}'}/hooks/{name}"

    @property
    def zoho(self) -> ZohoSettings:
        """The default account or, where there is none, the first one."""
        return self.accounts.get(DEFAULT_ACCOUNT) or next(iter(self.accounts.values()))


def load(environ: Mapping[str, str], *, credentials: bool = False) -> Settings:
    """Read and check the settings.

    With `credentials`, those that a process needs to call Zoho are required too. Raises SettingsError with all
    problems.
    """
    problems: list[Problem] = []
    text = _values(environ, problems)
    number = _numbers(text, problems)
    accounts = account_names(text["LEADBRIDGE_ACCOUNTS"], environ, problems)
    _check_unknown(environ, accounts, problems)
    zoho = {name: read_account(name, environ, problems, required=credentials) for name in accounts}
    _check_others(number, problems)
    _check_binds(text, problems)
    _check_addresses(text, problems)
    levels = read_levels(text["LEADBRIDGE_LOG_LEVEL"], problems)
    proxies = read_proxies(text["LEADBRIDGE_TRUSTED_PROXIES"], problems)
    log_addresses = _is_on("LEADBRIDGE_LOG_ADDRESSES", text, problems)
    alarms = read_alarms(text, problems)
    compress_bodies = _is_on("LEADBRIDGE_COMPRESS_BODIES", text, problems)
    traces = _is_on("LEADBRIDGE_TRACES", text, problems)
    console = read_console(text, problems)
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
        hook_limit=int(number["LEADBRIDGE_HOOK_LIMIT"]),
        log_levels=levels,
        log_addresses=log_addresses,
        compress_bodies=compress_bodies,
        traces=traces,
        trusted_proxies=proxies,
        keep_bodies_days=int(number["LEADBRIDGE_KEEP_BODIES_DAYS"]),
        keep_events_days=int(number["LEADBRIDGE_KEEP_EVENTS_DAYS"]),
        trigger_calls=int(number["LEADBRIDGE_TRIGGER_CALLS"]),
        subscribe_calls=int(number["LEADBRIDGE_SUBSCRIBE_CALLS"]),
        window_seconds=number["LEADBRIDGE_WINDOW_SECONDS"],
        lock_seconds=number["LEADBRIDGE_LOCK_SECONDS"],
        headroom_percent=number["LEADBRIDGE_HEADROOM"],
        trigger_others=int(number["LEADBRIDGE_TRIGGER_OTHERS"]),
        subscribe_others=int(number["LEADBRIDGE_SUBSCRIBE_OTHERS"]),
        upkeep_seconds=number["LEADBRIDGE_UPKEEP_SECONDS"],
        reconcile_hours=number["LEADBRIDGE_RECONCILE_HOURS"],
        reconcile_alarm_percent=number["LEADBRIDGE_RECONCILE_ALARM_PERCENT"],
        fetch_url=text["LEADBRIDGE_FETCH_URL"].rstrip("/"),
        console=console,
        accounts=zoho,
        alarms=alarms,
    )


def environment() -> Mapping[str, str]:
    """The environment of this process, and below it what the settings file says. Raises SettingsError."""
    return with_settings_file(os.environ)


def _values(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    return {
        setting.name: value(setting, environ, problems) for setting in SETTINGS if not setting.name.startswith(PREFIX)
    }


_LOWEST: Final = {
    "LEADBRIDGE_WORKERS": 1,
    "LEADBRIDGE_THREADS": 1,
    "LEADBRIDGE_MAX_BODY": SMALLEST_BODY,
    "LEADBRIDGE_HOOK_LIMIT": 0,
    "LEADBRIDGE_TRIGGER_CALLS": 2,
    "LEADBRIDGE_SUBSCRIBE_CALLS": 2,
    "LEADBRIDGE_WINDOW_SECONDS": 0.1,
    "LEADBRIDGE_LOCK_SECONDS": 0.1,
    "LEADBRIDGE_KEEP_BODIES_DAYS": 1,
    "LEADBRIDGE_KEEP_EVENTS_DAYS": 30,
    "LEADBRIDGE_HEADROOM": 0.0,
    "LEADBRIDGE_TRIGGER_OTHERS": 0,
    "LEADBRIDGE_SUBSCRIBE_OTHERS": 0,
    "LEADBRIDGE_UPKEEP_SECONDS": 0.1,
    "LEADBRIDGE_RECONCILE_HOURS": 0.0,
    "LEADBRIDGE_RECONCILE_ALARM_PERCENT": 0.0,
}


_HIGHEST: Final = {
    "LEADBRIDGE_MAX_BODY": LARGEST_BODY,
    "LEADBRIDGE_UPKEEP_SECONDS": 10.0,  # half of the leader lease of the upkeep
    "LEADBRIDGE_RECONCILE_ALARM_PERCENT": 100.0,
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
        highest = _HIGHEST.get(name)
        if not lowest <= numbers[name] <= (highest or 1e12):
            wanted = f"{kind} between {lowest} and {highest}" if highest else f"{kind} of at least {lowest}"
            problems.append(wrong(name, text[name], wanted))
    return numbers


def _is_on(name: str, text: Mapping[str, str], problems: list[Problem]) -> bool:
    given = text[name].lower()
    if given not in ("true", "false"):
        problems.append(wrong(name, text[name], "true or false"))
    return given == "true"


def _check_others(number: Mapping[str, float], problems: list[Problem]) -> None:
    """What is left alone must leave something."""
    if number["LEADBRIDGE_HEADROOM"] > MAX_HEADROOM:
        problems.append(wrong("LEADBRIDGE_HEADROOM", f"{number['LEADBRIDGE_HEADROOM']:g}", f"at most {MAX_HEADROOM}"))
    for api in ("TRIGGER", "SUBSCRIBE"):
        name, limit = f"LEADBRIDGE_{api}_OTHERS", number[f"LEADBRIDGE_{api}_CALLS"]
        if number[name] >= limit:
            problems.append(wrong(name, f"{number[name]:g}", f"below LEADBRIDGE_{api}_CALLS, which is {limit:g}"))


_BINDS: Final = {
    "LEADBRIDGE_BIND": "",
    "LEADBRIDGE_ADMIN_BIND": "give the health pages a port of their own, out of the public's reach",
    "LEADBRIDGE_CONSOLE_BIND": "give the console a port of its own",
}
"""Where parts listen, and what to do with one that is the same as one before it."""


def _check_binds(text: Mapping[str, str], problems: list[Problem]) -> None:
    seen: dict[str, str] = {}
    for name, fix in _BINDS.items():
        bind = text[name]
        host, _, port = bind.rpartition(":")
        if bind in seen:
            message = f"{name} and {seen[bind]} are the same"
            problems.append(Problem(code="contradiction", path=name, value=bind, message=message, fix=fix))
        elif bind and (not host or not port.isdecimal() or int(port) > 65535):
            problems.append(wrong(name, bind, "an address and a port such as 127.0.0.1:8080"))
        elif bind:
            seen[bind] = name


def _check_addresses(text: Mapping[str, str], problems: list[Problem]) -> None:
    """The public address is what senders call, and the database one of the two that are known."""
    for name in ("LEADBRIDGE_PUBLIC_URL", "LEADBRIDGE_FETCH_URL"):
        if text[name]:
            web_address(name, text[name], problems, wanted="a web address such as https://hooks.example.com")
    scheme = scheme_of(text["LEADBRIDGE_DATABASE_URL"])
    if scheme not in ("sqlite", "postgresql", "postgres"):  # what stands behind may be a password
        problems.append(
            wrong(
                "LEADBRIDGE_DATABASE_URL",
                f"{scheme}:..." if scheme else "...",
                "sqlite:///FILE or postgresql://USER@HOST/DATABASE",
            )
        )


def _check_unknown(environ: Mapping[str, str], accounts: Sequence[str], problems: list[Problem]) -> None:
    # Only near misses: Kubernetes adds names of this kind, too.
    names = {setting.name for setting in SETTINGS} | setting_names(accounts)
    known = {name + ending for name in names for ending in ("", "_FILE")}
    for name, content in environ.items():
        is_service = content.startswith("tcp://")  # so Kubernetes announces a namespace's Services to every pod
        if name in known or is_service or not name.startswith(("LEADBRIDGE_", PREFIX)):
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        if close and (name.startswith("LEADBRIDGE_") or close[0] not in environ):
            problems.append(
                Problem(
                    code="unknown_setting",
                    path=name,
                    message=f"there is no setting {name}",
                    fix=f"did you mean {close[0]}?",
                )
            )
