"""HTTP that goes out: calls that end by their deadline. The one home of `requests`."""

from __future__ import annotations

from bridge.http.client import Http, HttpAnswer

__all__ = ["Http", "HttpAnswer"]
