"""The content of a verified request as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.intake.body.read import BodyKind, read_body, read_query
from bridge.intake.redact_request import query_as_form
from bridge.model import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from bridge.intake.body.content import Content
    from bridge.intake.verification.verify import VerifiedRequest


def parse(verified: VerifiedRequest, body_kind: BodyKind, limits: Limits = DEFAULT_LIMITS) -> Content:
    """The body as `read_body` gives it; of a GET, which has none, the query without its secrets, read as a form.

    Raises TooLargeError, MediaTypeError and UnreadableError.
    """
    if verified.request.method == "GET":
        return read_query(query_as_form(verified.request, verified.scheme), limits)
    return read_body(verified.request, body_kind, limits)
