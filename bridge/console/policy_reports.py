"""What browsers report of the content security policy: something on a page tried what no page of the console does."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Response
from flask import request as http

from bridge import log
from bridge.console.page import user
from bridge.model import MINUTE_MS
from bridge.times import now_ms
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response as AnyResponse

MOST: Final = 10
"""Lines a minute: a page can break its policy in every row of a list, and again whenever it is renewed."""

LARGEST: Final = 16_384
"""Bytes of a report that are read."""

LONGEST: Final = 200
"""Characters of each part that are logged."""


def take_reports(app: Flask) -> None:
    """Take the reports of browsers that are signed in; others cannot write to the log."""
    reports = PolicyReports()

    def take() -> AnyResponse:
        reports.write(http.stream.read(LARGEST), user().name)
        return Response(status=204)

    app.add_url_rule("/policy-report", "policy_report", take, methods=["POST"])


class PolicyReports:
    """Writes reports to the log, a few a minute."""

    def __init__(self) -> None:
        self._written_at: deque[int] = deque(maxlen=MOST)
        self._lock = threading.Lock()

    def write(self, body: bytes, actor: str) -> None:
        """Log a report, a document of `report-uri` (https://www.w3.org/TR/CSP3/#deprecated-serialize-violation).

        Of a blocked address the host alone is logged: what the rest would have carried off might be personal data.
        """
        report = _report(body)
        if not report:
            return
        with self._lock:
            if len(self._written_at) == MOST and now_ms() - self._written_at[0] < MINUTE_MS:
                return
            self._written_at.append(now_ms())
        log.get_logger().warning(
            "console.policy_broken",
            actor=actor,
            page=parts_of(_part(report, "document-uri")).path,
            directive=_part(report, "effective-directive") or _part(report, "violated-directive"),
            blocked=_host(_part(report, "blocked-uri")),
        )


def _report(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    report = document.get("csp-report") if isinstance(document, dict) else None
    return report if isinstance(report, dict) else {}


def _part(report: dict[str, Any], name: str) -> str:
    given = report.get(name)
    return given[:LONGEST] if isinstance(given, str) else ""


def _host(blocked: str) -> str:
    """`https://example.com`, or the word for what has no host: `inline`, `eval`, `data`."""
    scheme, slashes, rest = blocked.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}" if slashes else blocked.partition(":")[0]
