"""Reading a payload without a sender: as a mapping's examples and the command line do, and no proof is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge import intake
from bridge.intake import BodyKind
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bridge.intake import Preset
    from bridge.model import Event


_USUAL_TYPES: Final = {BodyKind.FORM: "application/x-www-form-urlencoded", BodyKind.XML: "text/xml"}


def read_payload(
    preset: Preset,
    body: bytes,
    *,
    content_type: str = "",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    also_headers: Collection[str] = (),
    now: int = 0,
) -> tuple[Event, ...]:
    """The events in a body, read as the preset reads them, whoever sent it. Raises IntakeError.

    Header names are in lower case. Without a content type, one that fits the preset is assumed.
    """
    kind = content_type or _USUAL_TYPES.get(preset.body, "application/json")
    request = Request(
        hook="",
        method="POST",
        url="",
        headers={"content-type": kind, **(headers or {})},
        query=query or {},
        body=body,
        received_at=now,
    )
    believed = intake.verify(request, intake.NoVerification(), {}, now=now)
    return intake.read_events(preset, believed, intake.parse(believed, preset.body), also_headers=also_headers)
