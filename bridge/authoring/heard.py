"""What a request would become here, were it received: for `leadbridge listen`, which stores and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge import intake, mapping
from bridge.authoring.recognition import recognised
from bridge.errors import HandshakeError, IntakeError, LeadbridgeError, SignatureError
from bridge.hooks import folder as hooks
from bridge.hooks.hook import ClosedHook
from bridge.hooks.payload import read_events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bridge.hooks.hook import Hook
    from bridge.hooks.presets import Presets
    from bridge.intake import Diagnosis, HandshakeAnswer, Preset
    from bridge.mapping import Mapped
    from bridge.model import Event, Problem, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known of a request. `preset` is that of the hook's mapping or, without one, the likely sender's.

    `diagnosis` is None where no mapping says how to verify; `mapped` is empty without a usable mapping. `unreadable` is
    why the body cannot be read, "" where it can.
    """

    preset: Preset | None = None
    handshake: HandshakeAnswer | None = None
    diagnosis: Diagnosis | None = None
    events: tuple[Event, ...] = ()
    mapped: tuple[Mapped, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: str = ""


def hear(request: Request, folder: Path, secret: Callable[[str], str], *, public_url: str = "") -> Heard:
    """Look at a request with the mapping of its hook as it is now, or with the preset that fits it best."""
    presets = hooks.load_presets(folder)
    path = folder / f"{request.hook}.yaml"
    if not mapping.HOOK_NAME.fullmatch(request.hook) or not path.is_file():
        return _without_mapping(request, folder, presets)
    file = hooks.read_file(path, presets)
    opened = hooks.open_hook(file, presets, secret)
    if isinstance(opened, ClosedHook):
        preset = presets[file.mapping.preset] if file.mapping is not None else None
        heard = _read(request, preset) if preset is not None else Heard()
        return _with_problems(heard, opened.problems)
    return _with_mapping(request, opened, public_url)


def _with_mapping(request: Request, hook: Hook, public_url: str) -> Heard:
    now = request.received_at
    try:
        greeting = intake.answer_handshake(
            request, hook.preset.handshakes, hook.scheme, hook.secrets, now=now, public_url=public_url
        )
    except (HandshakeError, SignatureError) as error:
        return Heard(preset=hook.preset, unreadable=f"the handshake is refused: {error}")
    if greeting is not None:
        return Heard(preset=hook.preset, handshake=greeting)
    diagnosis = intake.diagnose(request, hook.scheme, hook.secrets, now=now, public_url=public_url)
    heard = _read(request, hook.preset, hook)
    return Heard(
        preset=hook.preset,
        diagnosis=diagnosis,
        events=heard.events,
        mapped=tuple(mapping.apply(hook.mapping, event) for event in heard.events),
        unreadable=heard.unreadable,
    )


def _without_mapping(request: Request, folder: Path, presets: Presets) -> Heard:
    try:
        return _read(request, recognised(presets, folder, _sent(request)))
    except LeadbridgeError:
        return Heard()


def _read(request: Request, preset: Preset, hook: Hook | None = None) -> Heard:
    try:
        events = read_events(preset, _sent(request), hook.mapping if hook is not None else None)
    except IntakeError as error:
        return Heard(preset=preset, unreadable=str(error))
    return Heard(preset=preset, events=tuple(events))


def _sent(request: Request) -> mapping.Payload:
    return mapping.Payload(
        body=request.body,
        content_type=request.headers.get("content-type", ""),
        headers=request.headers,
        query=request.query,
        received_at=request.received_at,
    )


def _with_problems(heard: Heard, problems: tuple[Problem, ...]) -> Heard:
    return Heard(preset=heard.preset, events=heard.events, problems=problems, unreadable=heard.unreadable)
