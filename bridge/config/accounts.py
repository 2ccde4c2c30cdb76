"""The Zoho accounts of the settings: the default one in ZOHO_*, each further one in ZOHO_NAME_*."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bridge.config.reading import missing, value, web_address, wrong
from bridge.config.table import DATA_CENTERS, SETTINGS
from bridge.model import DEFAULT_ACCOUNT, Problem
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX: Final = "ZOHO_"
_CREDENTIALS: Final = ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


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


def prefix_of(account: str) -> str:
    """How the names of an account's settings start: `ZOHO_` for the default one, `ZOHO_AGENCY_` for `agency`."""
    return PREFIX if account == DEFAULT_ACCOUNT else f"{PREFIX}{account.upper()}_"


def account_names(listed: str, environ: Mapping[str, str], problems: list[Problem]) -> tuple[str, ...]:
    """The accounts: those listed, and the default one unless nothing is set for it next to others."""
    names = tuple(dict.fromkeys(name.strip() for name in listed.split(",") if name.strip()))
    bad = [name for name in names if not _NAME.fullmatch(name) or name == DEFAULT_ACCOUNT]
    wanted = "names of small letters, digits and _, and not `default`"
    problems.extend(wrong("LEADBRIDGE_ACCOUNTS", name, wanted) for name in bad)
    own = [PREFIX + part + ending for part in (*_CREDENTIALS, "DATA_CENTER") for ending in ("", "_FILE")]
    has_default = not names or any(environ.get(name) for name in own)
    return (DEFAULT_ACCOUNT, *names) if has_default else names


def known_accounts(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The accounts that the settings name, whatever else may be wrong with them."""
    listed = next(setting for setting in SETTINGS if setting.name == "LEADBRIDGE_ACCOUNTS")
    return account_names(value(listed, environ, []), environ, [])


def setting_names(accounts: Sequence[str]) -> set[str]:
    """The names of all settings of these accounts."""
    endings = [setting.name.removeprefix(PREFIX) for setting in SETTINGS if setting.name.startswith(PREFIX)]
    return {prefix_of(account) + ending for account in accounts for ending in endings}


def read_account(account: str, environ: Mapping[str, str], problems: list[Problem], *, required: bool) -> ZohoSettings:
    """The settings of one account. With `required` its data centre and its credentials must be there."""
    prefix = prefix_of(account)
    settings = {
        setting.name.removeprefix(PREFIX): replace(setting, name=prefix + setting.name.removeprefix(PREFIX))
        for setting in SETTINGS
        if setting.name.startswith(PREFIX)
    }
    text = {part: value(setting, environ, problems) for part, setting in settings.items()}
    name = text["DATA_CENTER"].lower()
    center = DATA_CENTERS.get(name)
    if name and center is None:
        close = difflib.get_close_matches(name, DATA_CENTERS, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        problems.append(wrong(prefix + "DATA_CENTER", name, f"one of {', '.join(DATA_CENTERS)}{hint}"))
    accounts_url = _url(prefix, "ACCOUNTS_URL", text, center.accounts_url if center else "", problems)
    api_url = _url(prefix, "API_URL", text, center.api_url if center else "", problems)
    if required and not name and not (accounts_url and api_url):
        problems.append(missing(settings["DATA_CENTER"]))
    if required:
        problems.extend(missing(settings[part]) for part in _CREDENTIALS if not text[part])
    return ZohoSettings(
        accounts_url=accounts_url,
        api_url=api_url,
        client_id=text["CLIENT_ID"],
        client_secret=text["CLIENT_SECRET"],
        refresh_token=text["REFRESH_TOKEN"],
        proxy=_proxy(prefix, text["PROXY"], problems),
        ca_bundle=text["CA_BUNDLE"],
    )


def _proxy(prefix: str, given: str, problems: list[Problem]) -> str:
    """The address of a proxy, which may hold a password, so none of it is shown."""
    parts = parts_of(given if "://" in given else f"http://{given}")
    if given and (
        parts.scheme not in ("http", "https") or not parts.hostname or not given.isprintable() or " " in given
    ):
        message, fix = (
            f"{prefix}PROXY is not the address of a proxy",
            "write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT",
        )
        problems.append(Problem(code="wrong_setting", path=f"{prefix}PROXY", message=message, fix=fix))
    return given


def _url(prefix: str, part: str, text: Mapping[str, str], default: str, problems: list[Problem]) -> str:
    name, given = prefix + part, text[part].rstrip("/")
    if not given:
        return default
    web_address(name, given, problems, wanted="a web address such as https://accounts.zoho.eu")
    hosts = {getattr(center, part.lower()): dc for dc, center in DATA_CENTERS.items()}
    if default and given in hosts and given != default:
        problems.append(
            Problem(
                code="contradiction",
                path=name,
                value=given,
                message=f"{name} is the host of data centre {hosts[given]!r}, but {prefix}DATA_CENTER says "
                f"{text['DATA_CENTER']!r}",
                fix="a token works only in its own data centre: make the two agree",
            )
        )
    return given
