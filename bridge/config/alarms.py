"""Where alarms are reported to: webhooks, Slack, Teams and mail."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from bridge.config.reading import is_web_address, signed_in
from bridge.model import AlarmSeverity, Problem
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "LEADBRIDGE_ALARM_"
SEVERITIES: Final = tuple(reversed(AlarmSeverity))
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how such secrets start, in Standard Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """An SMTP server: `smtp` asks for STARTTLS, `smtps` starts with TLS, `smtp+plain` has none and no password."""

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSettings:
    """Where alarms are reported to. What is empty or None is not used; URLs are secrets like passwords.

    `severity` is the least that is reported. With `private`, receivers may have private addresses.
    """

    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    slack_url: str = field(default="", repr=False)
    teams_url: str = field(default="", repr=False)
    mail_server: MailServer | None = None
    mail_from: str = ""
    mail_to: tuple[str, ...] = ()
    severity: str = "warning"
    private: bool = False
    ca_file: str = ""


def read_alarms(text: Mapping[str, str], problems: list[Problem]) -> AlarmSettings:
    """The settings LEADBRIDGE_ALARM_* out of the text of all settings. No problem holds a secret's text."""
    mail = {name: text[PREFIX + name] for name in ("MAIL_SERVER", "MAIL_FROM", "MAIL_TO")}
    if any(mail.values()):
        problems.extend(
            _problem(name, "is not set, though alarms are to be mailed", "set all three of the mail settings")
            for name, given in mail.items()
            if not given
        )
    if bool(text[PREFIX + "WEBHOOK_URL"]) != bool(text[PREFIX + "WEBHOOK_SECRET"]):
        lacking = "WEBHOOK_SECRET" if text[PREFIX + "WEBHOOK_URL"] else "WEBHOOK_URL"
        problems.append(_problem(lacking, "is not set", "a webhook of alarms needs a URL and a secret that signs it"))
    severity = text[PREFIX + "SEVERITY"].lower()
    if severity not in SEVERITIES:
        problems.append(_problem("SEVERITY", f"is {severity!r}", f"it must be one of {', '.join(SEVERITIES)}"))
    private = text[PREFIX + "PRIVATE"].lower()
    if private not in ("true", "false"):
        problems.append(_problem("PRIVATE", f"is {private!r}", "it must be true or false"))
    return AlarmSettings(
        webhook_url=_url("WEBHOOK_URL", text, problems),
        webhook_secret=_secret(text, problems),
        slack_url=_url("SLACK_URL", text, problems),
        teams_url=_url("TEAMS_URL", text, problems),
        mail_server=_server(text, problems),
        mail_from=next(iter(_addresses("MAIL_FROM", text, problems)), ""),
        mail_to=_addresses("MAIL_TO", text, problems),
        severity=severity,
        private=private == "true",
        ca_file=text[PREFIX + "CA_BUNDLE"],
    )


def _url(name: str, text: Mapping[str, str], problems: list[Problem]) -> str:
    """The address of a channel. It is a secret, so none of it is shown."""
    given = text[PREFIX + name]
    if given and (problem := signed_in(PREFIX + name, given)):
        problems.append(problem)
    elif given and not is_web_address(parts_of(given)):
        problems.append(
            _problem(name, "is not a web address", "it must start with https:// or http:// and have a host")
        )
    return given


def _secret(text: Mapping[str, str], problems: list[Problem]) -> str:
    """A key of 24 to 64 bytes in base64, with or without its prefix: Standard Webhooks' own bounds."""
    given = text[PREFIX + "WEBHOOK_SECRET"]
    try:
        size = len(base64.b64decode(given.removeprefix(_SECRET_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if given and not 24 <= size <= 64:
        fix = "give whsec_ and 24 to 64 bytes in base64: `echo whsec_$(openssl rand -base64 32)` makes one"
        problems.append(_problem("WEBHOOK_SECRET", "is no secret of Standard Webhooks", fix))
    return given


def _server(text: Mapping[str, str], problems: list[Problem]) -> MailServer | None:
    given = text[PREFIX + "MAIL_SERVER"]
    if not given:
        return None
    form = "write smtp://USER:PASSWORD@HOST:PORT (STARTTLS), smtps://... (TLS) or smtp+plain://HOST (neither)"
    parts = parts_of(given)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if not host or not port:
        problems.append(_problem("MAIL_SERVER", "is not the address of an SMTP server", form))
        return None
    if parts.scheme == "smtp+plain" and parts.password:
        problems.append(_problem("MAIL_SERVER", "would send its password unencrypted", "write smtp:// or smtps://"))
    return MailServer(
        scheme=parts.scheme,
        host=host,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _addresses(name: str, text: Mapping[str, str], problems: list[Problem]) -> tuple[str, ...]:
    given = tuple(one.strip() for one in text[PREFIX + name].split(",") if one.strip())
    if not all(map(_is_address, given)):
        problems.append(_problem(name, "has no e-mail addresses", "write ops@example.com, several with commas"))
    if name == "MAIL_FROM" and len(given) > 1:
        problems.append(_problem(name, "has several addresses", "a mail has one sender"))
    return given


def _is_address(given: str) -> bool:
    try:
        parsed = Address(addr_spec=given)
    except (HeaderParseError, ValueError, IndexError):
        return False
    return bool(parsed.username and parsed.domain) and given.isascii() and given.isprintable()


def _problem(name: str, what: str, fix: str) -> Problem:
    """A problem of one setting, without its value: nearly all of them are secrets."""
    return Problem(code="wrong_setting", path=PREFIX + name, message=f"{PREFIX}{name} {what}", fix=fix)
