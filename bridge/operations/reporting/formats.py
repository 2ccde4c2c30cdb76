"""The forms of an alarm message: JSON for webhooks, Slack's blocks, an Adaptive Card for Teams, and mail."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from bridge import __version__
from bridge.times import as_iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bridge.model import Alarm
    from bridge.operations.reporting.message import AlarmMessage

SHOWN: Final = 15
"""So many changes are written out for people; the rest is counted. Slack takes 50 blocks, Teams 28 KB."""

_LONGEST: Final = 500
_ICONS: Final = {
    "critical": "\N{LARGE RED CIRCLE}",
    "warning": "\N{LARGE YELLOW CIRCLE}",
    "info": "\N{LARGE BLUE CIRCLE}",
}
_CLEARED: Final = "\N{LARGE GREEN CIRCLE}"


def webhook(message: AlarmMessage) -> dict[str, Any]:
    """The payload of a signed webhook, with the members that Standard Webhooks proposes: type, timestamp, data.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#payload-structure
    """
    return {
        "type": "leadbridge.alarms",
        "timestamp": as_iso(message.at),
        "data": {
            "raised": [_as_object(alarm) for alarm in message.raised],
            "cleared": [_as_object(alarm) for alarm in message.cleared],
            "active": len(message.active),
        },
    }


def slack(message: AlarmMessage) -> dict[str, Any]:
    """The body for an incoming webhook.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    """
    sections = [f"{icon} *{_slack(line)}*\n{_slack(rest)}" for icon, line, rest in _changes(message)]
    texts = [f"*{_slack(message.title)}*", *sections, *_rest(message)]
    return {
        "text": _slack(message.title),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in texts],
    }


def teams(message: AlarmMessage) -> dict[str, Any]:
    """The body for a workflow "when a Teams webhook request is received": one Adaptive Card.

    https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    """
    blocks = [{"type": "TextBlock", "text": message.title, "weight": "Bolder", "size": "Medium", "wrap": True}]
    for icon, line, rest in _changes(message):
        blocks.append({"type": "TextBlock", "text": f"{icon} {_plain(line)}", "weight": "Bolder", "wrap": True})
        blocks.append({"type": "TextBlock", "text": _plain(rest), "spacing": "None", "wrap": True})
    blocks.extend({"type": "TextBlock", "text": text, "wrap": True} for text in _rest(message))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": blocks,
    }
    content_type = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": content_type, "content": card}]}


def mail(message: AlarmMessage, *, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """A mail in plain text; the same changes have the same Message-ID."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = ", ".join(recipients)
    made["Subject"] = message.title
    made["Date"] = formatdate(message.at / 1000, usegmt=True)
    made["Message-ID"] = f"<{message.message_id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # https://www.rfc-editor.org/rfc/rfc3834#section-5
    made["X-Mailer"] = f"Leadbridge {__version__}"
    paragraphs = [f"{line}\n{rest}" for _, line, rest in _changes(message)]
    made.set_content("\n\n".join([*paragraphs, *_rest(message), "`leadbridge status` shows everything.\n"]))
    return made


def _as_object(alarm: Alarm) -> dict[str, Any]:
    return {
        "name": alarm.name,
        "subject": alarm.subject,
        "severity": alarm.severity,
        "message": alarm.message,
        "fix": alarm.fix,
        "raised_at": as_iso(alarm.raised_at),
    }


def _changes(message: AlarmMessage) -> Iterator[tuple[str, str, str]]:
    """Of each change, as far as they are written out: a coloured dot, what it is, and the details."""
    raised = (
        (
            _ICONS[one.severity],
            f"{one.severity.upper()} {one.name}: {one.subject}"[:_LONGEST],
            f"{one.message[:_LONGEST]}\nFix: {one.fix[:_LONGEST]}",
        )
        for one in message.raised
    )
    cleared = (
        (_CLEARED, f"CLEARED {one.name}: {one.subject}"[:_LONGEST], f"It was raised at {as_iso(one.raised_at)}.")
        for one in message.cleared
    )
    return islice(chain(raised, cleared), SHOWN)


def _rest(message: AlarmMessage) -> list[str]:
    """What is not written out, and what is still active besides."""
    hidden = len(message.raised) + len(message.cleared) - SHOWN
    older = len(message.active) - len(message.raised)
    return [
        *([f"And {hidden} more: `leadbridge status` lists them."] if hidden > 0 else []),
        *([f"Active since earlier messages: {older}."] if older > 0 else []),
    ]


def _slack(text: str) -> str:
    """The text, the three characters that Slack reads escaped.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    """The text so that a card shows it as it is: its marks escaped, its line breaks those of Markdown."""
    for mark in "\\*_[]":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\n\n")
