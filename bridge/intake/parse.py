"""The content of a verified request as JSON values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bridge.intake.body.content import map_texts
from bridge.intake.body.read import BodyKind, read_body, read_query
from bridge.intake.redact_request import query_as_form
from bridge.intake.verification.scheme import BodySecret
from bridge.model import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.intake.body.content import Content
    from bridge.intake.verification.verify import VerifiedRequest

REDACTED: Final = "redacted"
"""What stands in a body in the place of its secret, once the secret is verified."""

_LONG: Final = 8
"""A secret of so many characters is replaced wherever it stands; a shorter one only at its place."""


def parse(verified: VerifiedRequest, body_kind: BodyKind, limits: Limits = DEFAULT_LIMITS) -> Content:
    """The body as `read_body` gives it, without its secret; of a GET, which has none, the query, read as a form.

    So no secret reaches a mapping, a name of a question or an id, and a replay of what is stored reads the same.

    Raises TooLargeError, MediaTypeError and UnreadableError.
    """
    if verified.request.method == "GET":
        return read_query(query_as_form(verified.request, verified.scheme), limits)
    content = read_body(verified.request, body_kind, limits)
    if isinstance(verified.scheme, BodySecret):
        return _without_secret(content, verified.scheme.steps)
    return content


def _without_secret(content: Content, steps: Sequence[str | int]) -> Content:
    value = content.value
    *way, last = steps
    inner: Any = value
    for step in way:
        inner = inner[step]
    secret = inner[last]
    inner[last] = REDACTED
    if len(secret) >= _LONG:
        value = map_texts(value, lambda text: text.replace(secret, REDACTED))
    return replace(content, value=value)
