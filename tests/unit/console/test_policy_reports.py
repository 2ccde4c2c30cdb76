"""Reports of the content security policy reach the log: few, short, and without personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog
from structlog.testing import capture_logs

from bridge import log
from bridge.console.policy_reports import LONGEST, MOST, PolicyReports
from tests.unit.console.conftest import SAME_ORIGIN, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

    NewConsole = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """Log lines are made as the service makes them, whatever a test before these left."""
    log.configure(level="info")
    yield
    structlog.reset_defaults()


def report(**parts: Any) -> bytes:
    return orjson.dumps({"csp-report": {name.replace("_", "-"): part for name, part in parts.items()}})


@pytest.mark.parametrize(
    ("blocked", "logged"),
    [
        ("https://evil.example/ada@example.com?x=1", "https://evil.example"),
        ("https://ada:secret@evil.example", "https://evil.example"),
        ("data:text/html,ada@example.com", "data"),
        ("inline", "inline"),
        ("e" * 5000, "e" * LONGEST),
        (7, ""),
    ],
)
def test_a_report_names_the_page_and_what_was_blocked_and_nothing_more(blocked: Any, logged: str) -> None:
    with capture_logs() as lines:
        PolicyReports().write(
            report(
                document_uri="https://ops.example.com/leads/evt_1?a=b",
                effective_directive="img-src",
                blocked_uri=blocked,
            ),
            "ada",
        )
    assert [(line["page"], line["directive"], line["blocked"]) for line in lines] == [
        ("/leads/evt_1", "img-src", logged)
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"{}", b'{"csp-report": []}', b"\xff"])
def test_what_is_no_report_is_not_logged(body: bytes) -> None:
    with capture_logs() as lines:
        PolicyReports().write(body, "ada")
    assert lines == []


@pytest.mark.parametrize("url", ["http://[", "https://ex\u2100mple.com/"])
def test_a_report_of_a_malformed_address_names_no_page(url: str) -> None:
    with capture_logs() as lines:
        PolicyReports().write(report(document_uri=url, effective_directive="img-src", blocked_uri="inline"), "ada")
    assert [line["page"] for line in lines] == [""]


def test_a_flood_of_reports_is_a_few_lines_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = PolicyReports()
    with capture_logs() as lines:
        for minute in (0, 1):
            monkeypatch.setattr("bridge.console.policy_reports.now_ms", lambda at=minute * 60_001: at)
            for _ in range(3 * MOST):
                reports.write(report(document_uri="/", blocked_uri="inline"), "ada")
    assert len(lines) == 2 * MOST


def test_reports_are_taken_of_those_who_are_signed_in_where_the_policy_says(new_console: NewConsole) -> None:
    client = new_console(LEADBRIDGE_CONSOLE_URL="http://127.0.0.1:8082/bridge")
    policy = client.get("/login").headers["Content-Security-Policy"]
    address = policy.rpartition("report-uri ")[2]
    assert address == "/bridge/policy-report"
    with capture_logs() as lines:
        answer = client.post(address, data=report(document_uri="/", blocked_uri="inline"), headers=SAME_ORIGIN)
        assert answer.status_code == 303
        sign_in(client, "viewer")
        assert (
            client.post(address, data=report(document_uri="/", blocked_uri="inline"), headers=SAME_ORIGIN).status_code
            == 204
        )
    assert [line["event"] for line in lines] == ["console.signed_in", "console.policy_broken"]
