"""The alarm channels of the settings, and sending one message through one of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from bridge.errors import LeadbridgeError, NoAnswerError
from bridge.operations.reporting import formats
from bridge.times import retry_after_ms
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.config import AlarmSettings, Settings
    from bridge.http import Http, HttpAnswer
    from bridge.operations.reporting.message import AlarmMessage

DEADLINE_SECONDS: Final = 15.0
MAX_PAUSE_SECONDS: Final = 3600.0
_PRIVATE: Final = "; LEADBRIDGE_ALARM_PRIVATE=true allows it"


class AlarmChannelError(LeadbridgeError):
    """An alarm channel did not take a message. `retry_after` is the pause (s) that it asked for, 0 for none."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to report alarms. `kind` and `host` are for logs; `name` sets it apart from others of its kind.

    `send` gives "" or what was wrong although the message was taken, and raises AlarmChannelError.
    """

    kind: str
    host: str
    name: str
    send: Callable[[AlarmMessage], str]


def open_channels(settings: Settings) -> tuple[Channel, ...]:
    """The channels that the settings name. Nothing is connected to yet."""
    alarms, found = settings.alarms, []
    if posted := [one for one in _posted(alarms) if one[1]]:
        from bridge.http import Http  # what processes without channels do not need

        http = Http(proxy=settings.zoho.proxy or None, ca_file=alarms.ca_file or None, public_only=not alarms.private)
        found = [_posting(kind, url, http, build) for kind, url, build in posted]
    if alarms.mail_server is not None:
        found.append(_mailing(alarms))
    return tuple(found)


def _posted(
    alarms: AlarmSettings,
) -> tuple[tuple[str, str, Callable[[AlarmMessage], tuple[bytes, dict[str, str]]]], ...]:
    """Of each channel that is posted to: its kind, its URL, and what makes body and headers of a message."""
    return (
        ("webhook", alarms.webhook_url, lambda message: _signed(message, alarms.webhook_secret)),
        ("slack", alarms.slack_url, lambda message: (orjson.dumps(formats.slack(message)), {})),
        ("teams", alarms.teams_url, lambda message: (orjson.dumps(formats.teams(message)), {})),
    )


def _signed(message: AlarmMessage, secret: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of Standard Webhooks, as its page "Signature scheme" has them."""
    body, stamp = orjson.dumps(formats.webhook(message)), str(message.at // 1000)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.digest(key, b".".join([message.message_id.encode(), stamp.encode(), body]), hashlib.sha256)
    return body, {
        "webhook-id": message.message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def _posting(kind: str, url: str, http: Http, build: Callable[[AlarmMessage], tuple[bytes, dict[str, str]]]) -> Channel:
    host = parts_of(url).hostname or ""

    def send(message: AlarmMessage) -> str:
        body, headers = build(message)
        try:
            answer = http.send(
                "POST",
                url,
                body=body,
                headers={"Content-Type": "application/json", **headers},
                deadline_seconds=DEADLINE_SECONDS,
            )
        except NoAnswerError as error:
            raise AlarmChannelError(_with_fix(error)) from None
        if not 200 <= answer.status < 300:
            raise AlarmChannelError(f"{host} answered {answer.status}", retry_after=_seconds(answer))
        return ""

    return Channel(kind=kind, host=host, name=_name(kind, url), send=send)


def _mailing(alarms: AlarmSettings) -> Channel:
    from bridge.http import send_mail  # as above

    server = alarms.mail_server
    assert server is not None  # noqa: S101 - only called with one

    def send(message: AlarmMessage) -> str:
        try:
            return send_mail(
                formats.mail(message, sender=alarms.mail_from, recipients=alarms.mail_to),
                scheme=server.scheme,
                host=server.host,
                port=server.port,
                user=server.user,
                password=server.password,
                ca_file=alarms.ca_file or None,
                public_only=not alarms.private,
                deadline_seconds=DEADLINE_SECONDS,
            )
        except NoAnswerError as error:
            raise AlarmChannelError(_with_fix(error)) from None

    where = f"{server.host}:{server.port} {','.join(sorted(alarms.mail_to))}"
    return Channel(kind="mail", host=server.host, name=_name("mail", where), send=send)


def _name(kind: str, where: str) -> str:
    """The same on all hosts with the same settings, and no way back to a URL."""
    return f"{kind} {hashlib.sha256(where.encode()).hexdigest()[:12]}"


def _with_fix(error: NoAnswerError) -> str:
    return f"{error}{_PRIVATE}" if "private address" in str(error) else str(error)


def _seconds(answer: HttpAnswer) -> float:
    """The pause that an answer asks for, at most an hour; 0 where it asks for none."""
    return min((retry_after_ms(answer.headers) or 0) / 1000, MAX_PAUSE_SECONDS)
