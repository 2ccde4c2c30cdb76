"""Sample requests of the senders: one ships with each preset, and the tests have more.

A sample file is JSON: `preset`, the body as `body` (JSON), `text` (as sent), `form` or `multipart`, `headers`, `query`
and `method` where they matter, `fetched` for a sender of ids, and the `events` that the preset must read in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED: Final = Path(__file__).parents[1] / "presets" / "samples"
_URL: Final = "https://hooks.example.com/hooks/spring"
_BOUNDARY: Final = "----sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request as its sender sends it, unsigned, and the answers of the fetch steps: a JSON object by step."""

    request: Request
    fetched: Mapping[str, Any]


def shipped_sample(preset: str) -> Sample | None:
    """The sample that ships with a preset; None for a preset of the user's own."""
    path = SHIPPED / f"{preset}.json"
    return read_sample(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def read_sample(case: Mapping[str, Any]) -> Sample:
    """The sample in the content of a sample file."""
    body, content_type = _body(case)
    query = case.get("query", {})
    request = Request(
        hook="spring",
        method=case.get("method", "POST"),
        url=_URL + (f"?{urlencode(query)}" if query else ""),
        headers={"content-type": content_type, **case.get("headers", {})},
        query=query,
        body=body,
        received_at=0,
    )
    return Sample(request=request, fetched=case.get("fetched", {}))


def _body(case: Mapping[str, Any]) -> tuple[bytes, str]:
    if "text" in case:
        return case["text"].encode(), "application/json"
    if "form" in case:
        return urlencode(case["form"], doseq=True).encode(), "application/x-www-form-urlencoded"
    if "multipart" in case:
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in case["multipart"].items()
        ]
        return f"{''.join(parts)}--{_BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={_BOUNDARY}"
    return json.dumps(case.get("body", {})).encode(), "application/json"
