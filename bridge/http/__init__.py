"""HTTP and mail that go out: calls that end by their deadline. The one home of `requests`."""

from __future__ import annotations

from bridge.http.client import Http, HttpAnswer
from bridge.http.mail import send_mail
from bridge.http.retry_after import MAX_WAIT_MS, retry_after_ms

__all__ = ["MAX_WAIT_MS", "Http", "HttpAnswer", "retry_after_ms", "send_mail"]
