"""Each format holds every alarm's message and fix, within what its receiver takes, and nothing a reader would obey."""

from __future__ import annotations

import orjson
import pytest

from bridge.model import Alarm, AlarmSeverity
from bridge.operations.reporting import formats
from bridge.operations.reporting.message import AlarmMessage

NOW = 1_700_000_000_000


def message(count: int, *, size: int = 20) -> AlarmMessage:
    raised = tuple(
        Alarm(
            name="drift",
            subject=f"form {number}",
            severity=AlarmSeverity.WARNING,
            message=f"question <!channel> *{number}* & [one](http://x) " + "x" * size,
            fix="correct it" + "y" * size,
            raised_at=NOW,
        )
        for number in range(count)
    )
    return AlarmMessage(at=NOW, raised=raised, cleared=raised[:1], active=raised)


@pytest.mark.parametrize("count", [1, 3, 500])
def test_slack_takes_it(count: int) -> None:
    body = formats.slack(message(count, size=5000))
    texts = [block["text"]["text"] for block in body["blocks"]]
    assert len(texts) <= 50
    assert max(map(len, texts)) <= 3000
    assert "<!channel>" not in orjson.dumps(body).decode()


@pytest.mark.parametrize("count", [1, 3, 500])
def test_teams_takes_it(count: int) -> None:
    body = formats.teams(message(count, size=5000))
    assert len(orjson.dumps(body)) <= 28 * 1024
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert "[one](" not in orjson.dumps(body).decode()


def test_a_webhook_holds_every_alarm() -> None:
    body = formats.webhook(message(500))
    assert len(body["data"]["raised"]) == 500
    assert body["type"] == "leadbridge.alarms"
    assert body["timestamp"] == "2023-11-14T22:13:20Z"


def test_a_mail_says_what_is_wrong_and_the_fix() -> None:
    mail = formats.mail(message(17), sender="bridge@example.com", recipients=["ops@example.com", "b@example.com"])
    text = mail.get_content()
    assert "WARNING drift: form 0" in text
    assert "Fix: correct it" in text
    assert "And 3 more" in text
    assert mail["To"] == "ops@example.com, b@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.com>")
