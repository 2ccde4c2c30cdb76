"""Every alarm as a page shows it: a fix for who has no shell, and a button that leads somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import g

from bridge.config.console import User
from bridge.console.alarm_cards import cards
from bridge.model import Alarm, AlarmSeverity, Role
from bridge.operations.alarms import ALARMS
from tests.unit.console.conftest import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    NewConsole = Callable[..., FlaskClient]

SUBJECTS = {"drift": "form: Your plan?", "lock": "default/subscribe", "outage": "default/fetch:api.example.com"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_every_alarm_has_a_fix_without_a_shell_and_a_button_that_leads_somewhere(
    new_console: NewConsole, role: Role
) -> None:
    client = new_console()
    sign_in(client, role.name.lower())
    for name in ALARMS:
        alarm = Alarm(
            name=name,
            subject=SUBJECTS.get(name, "form"),
            severity=AlarmSeverity.WARNING,
            message="",
            fix="run `leadbridge it`",
        )
        with client.application.test_request_context():
            g.user = User(name="ada", role=role)
            (card,) = cards([alarm])
        in_browser = card.fix.partition("Who runs this service")[0]
        assert "`" not in in_browser, name
        if card.button:
            assert client.get(card.url).status_code == 200, name
