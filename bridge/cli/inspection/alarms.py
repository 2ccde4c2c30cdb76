"""`leadbridge alarms`: what needs a person, and who gets them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bridge import config
from bridge.cli.command import Command
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import Styled, echo
from bridge.operations.alarms import alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.operations.reporting.channels import AlarmChannelError, Channel, open_channels
from bridge.operations.reporting.message import trial_message
from bridge.operations.wording import counted, shown_time
from bridge.outbox import registry
from bridge.times import now_ms

if TYPE_CHECKING:
    from bridge.model import Alarm
    from bridge.outbox import Outbox
    from bridge.outbox.registry import AlarmChannel

NO_CHANNEL = "no alarm channel is set; LEADBRIDGE_ALARM_WEBHOOK_URL, _SLACK_URL, _TEAMS_URL or _MAIL_SERVER sets one"


@click.command(
    cls=Command,
    examples=[
        "leadbridge alarms",
        "leadbridge alarms --test",
    ],
)
@click.option("--test", "is_test", is_flag=True, help="Send a test message to each channel now.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(is_test: bool, as_json: bool) -> None:
    """Show active alarms and their channels; test the channels.

    The alarms are those of now, as `leadbridge status` shows them; an end is reported to channels after a minute. With
    --test, ends with 1 when a channel accepted no message, or there is none.
    """
    settings = config.load(config.environment())
    channels = open_channels(settings)
    if is_test:  # without the outbox, which may be what is wrong
        results = [_tested(channel, now_ms()) for channel in channels]
        _print_results(results, as_json=as_json)
        sys.exit(0 if channels and all(one["sent"] for one in results) else 1)
    store = open_store(settings.database_url)
    raised = alarms(read_inputs(store, settings.accounts))
    known = {one.name: one for one in registry.alarm_channels(store)}
    rows = [_channel_as_object(channel, known.get(channel.name)) for channel in channels]
    if as_json:
        print_json({"alarms": [_alarm_as_object(alarm) for alarm in raised], "channels": rows})
        return
    _print_alarms(raised, store)
    for row in rows:
        state = f"last message {shown_time(row['sent_at'])}" if row["sent_at"] else "no message yet"
        error = f"; {counted(row['failures'], 'failure')} in a row: {row['error']}" if row["failures"] else ""
        echo(f"{row['channel']:8} {row['host']}: {state}{error}")
    if not rows:
        echo(NO_CHANNEL)


def _tested(channel: Channel, now: int) -> dict[str, Any]:
    try:
        warning = channel.send(trial_message(now))
    except AlarmChannelError as error:
        return {"channel": channel.kind, "host": channel.host, "sent": False, "error": str(error)}
    return {"channel": channel.kind, "host": channel.host, "sent": True, "error": warning or None}


def _print_results(results: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"channels": results})
        return
    for one in results:
        state = Styled("sent", "green") if one["sent"] else Styled("not sent", "red")
        echo(f"{one['channel']:8} {one['host']}: ", state, f": {one['error']}" if one["error"] else "")
    if not results:
        echo(NO_CHANNEL)


def _print_alarms(raised: tuple[Alarm, ...], store: Outbox) -> None:
    for alarm in raised:
        echo(f"{alarm.severity.upper()}  {alarm.name}: {alarm.subject}: {alarm.message}")
        since = f"  since {shown_time(alarm.since)}\n" if alarm.since else ""
        echo(f"{since}  {alarm.fix}\n")
    if not raised:
        echo(f"no alarm in {store.name}")


def _alarm_as_object(alarm: Alarm) -> dict[str, Any]:
    shown = {name: getattr(alarm, name) for name in ("severity", "name", "subject", "message", "fix")}
    return shown | {"raised_at": alarm.since}


def _channel_as_object(channel: Channel, known: AlarmChannel | None) -> dict[str, Any]:
    return {
        "channel": channel.kind,
        "host": channel.host,
        "sent_at": known.sent_at if known else None,
        "failures": known.failures if known else 0,
        "error": known.error if known else None,
    }
