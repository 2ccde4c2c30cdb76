"""HTTP and mail that go out: calls that end by their deadline. The one home of `requests`."""

from __future__ import annotations

from bridge.http.client import Http, HttpAnswer
from bridge.http.mail import send_mail

__all__ = ["Http", "HttpAnswer", "send_mail"]
