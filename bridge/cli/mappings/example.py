"""What really came, as an example of a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.authoring.capture import already_there, append, capture, contrast
from bridge.cli.options.mapping import usable
from bridge.cli.output.terminal import echo
from bridge.errors import IntakeError, LeadbridgeError
from bridge.hooks.payload import events_in

if TYPE_CHECKING:
    from bridge.hooks.folder import MappingFile
    from bridge.intake import Preset
    from bridge.mapping import Payload


def add_example(file: MappingFile, preset: Preset, sent: Payload, name: str) -> None:
    """Append the payload, with pseudonyms, to the examples next to the mapping. Raises LeadbridgeError."""
    usable(file)
    example = example_of(file, preset, sent, name)
    if known := already_there(example, file):
        echo(f"this request is there already as the example {known!r}")
        return
    path = append(example, file)
    echo(f"{path}: the example {name!r}, with placeholders for personal data")
    say_what_differs(file, preset, sent, example)


def say_what_differs(file: MappingFile, preset: Preset, sent: Payload, example: dict[str, object]) -> None:
    """Say on standard error where the example comes out otherwise than what was sent."""
    differs = contrast(file, preset, example, events_in(sent, preset, file.mapping))
    if differs is not None:
        text = f"  with placeholders it comes out as {differs[1]}, while the event is {differs[0]}: edit the example"
        echo(text, err=True)


def example_of(file: MappingFile, preset: Preset, sent: Payload, name: str) -> dict[str, object]:
    """The payload as an example, with pseudonyms. Raises LeadbridgeError when the preset cannot read it."""
    try:
        return capture(file, preset, sent, name=name)
    except IntakeError as error:
        raise LeadbridgeError(f"the payload cannot be read by the preset {preset.name!r}: {error}") from error
