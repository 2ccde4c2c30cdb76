"""`leadbridge new`: a mapping's first text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from bridge import config, log, mapping
from bridge.authoring.check import snapshot_in
from bridge.authoring.draft import draft
from bridge.authoring.editor import write_schema
from bridge.authoring.recognition import recognised
from bridge.authoring.shipped_examples import copy_example, example_names
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_hooks, complete_presets
from bridge.cli.options.payload import newest, read_argument
from bridge.cli.options.sender import presets_next_to
from bridge.cli.output.terminal import echo
from bridge.documents import load, unknown_name
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks
from bridge.hooks.payload import events_in
from bridge.model import Contact, Event, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.hooks.folder import MappingFile
    from bridge.hooks.presets import Presets
    from bridge.intake import Preset
    from bridge.mapping import Payload

from bridge.cli.mappings.example import add_example

_SENDER: Final = frozenset({"preset", "live", "secrets", "verify", "fetch", "lead"})
"""Entries that a new draft carries over, or, of the lead, that are compared field by field."""


@click.command(
    cls=Command,
    examples=[
        "leadbridge new webinar --preset typeform",
        "leadbridge new webinar --from last",
        "leadbridge new webinar --from submission.json",
        "leadbridge new webinar --example typeform",
    ],
)
@click.argument("name", shell_complete=complete_hooks)
@click.option(
    "--preset",
    "preset_name",
    default="",
    help="The sender; `leadbridge presets` lists them.",
    shell_complete=complete_presets,
)
@click.option("--from", "source", default="", metavar="last|PAYLOAD|EVENT",
              help="The hook's last event, a file with a body, or an event's id.")  # fmt: skip
@click.option("--example", default="", type=click.Choice(("", *example_names())), metavar="NAME",
              help=f"Copy an example mapping: {', '.join(example_names())}.")  # fmt: skip
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the payload's request.")
@click.option(
    "--content-type", default="", help="The payload's content type, where it cannot be detected from the payload."
)
def command(
    name: str, preset_name: str, source: str, example: str, headers: tuple[str, ...], content_type: str
) -> None:
    """Draft a mapping from a preset, a submission or an example.

    Writes MAPPINGS/NAME.yaml, which receives and shows everything and sends nothing. With --preset alone it is made
    from what the preset knows about the sender. After one real submission, `--from last` fills in the likely fields
    and writes a first example; the sender is then recognised by its body and its headers. --example copies a finished
    mapping.
    """
    if not preset_name and not source and not example:
        raise click.UsageError("say who sends: --preset NAME, or show what came: --from last, or copy: --example NAME")
    log.configure(level="error")
    if not mapping.HOOK_NAME.fullmatch(name):
        raise LeadbridgeError(f"{name!r} cannot be a hook's name; use letters, digits, - and _")
    folder = config.load(config.environment()).mappings
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    presets = hooks.load_presets(folder)
    before = hooks.read_file(path, presets) if path.exists() else None
    _refuse_overwriting(path, before, source)
    if example:
        _copy(example, path)
        return
    sent = _sent(source, name, headers, content_type, is_new=before is None)
    preset = _preset(preset_name, before, sent, presets)
    event = next(iter(events_in(sent, preset)), None) if sent is not None else None
    verification = (
        _verification_of(before)
        if before is not None and before.mapping and before.mapping.preset == preset.name
        else ""
    )
    text = draft(preset, name=name, event=event, verification=verification, snapshot=snapshot_in(folder))
    if before is not None:
        _refuse_losing_edits(before, [text, *_usual_drafts(preset, name)])
    path.write_text(text, encoding="utf-8")
    write_schema(folder)
    echo(f"{path}: a draft for {preset.title}")
    if sent is not None:
        add_example(hooks.read_file(path, presets), preset, sent, "The first submission")
    echo(f"Next: open {path}, answer its questions, then run `leadbridge check` and `leadbridge test`.")
    _say_how_to_receive(name)


def _copy(example: str, path: Path) -> None:
    for file in copy_example(example, path):
        echo(f"{file}: a copy of the example {example}")
    write_schema(path.parent)
    echo(f"Next: change {path} as your form and your account need it, then run `leadbridge check`.")
    _say_how_to_receive(path.stem)


def _say_how_to_receive(name: str) -> None:
    """What is left to do until the hook takes requests."""
    secret = config.SecretReader(config.environment())
    found = hooks.read_file(config.load(config.environment()).mappings / f"{name}.yaml", presets_next_to()[0]).mapping
    named = [one for names in found.secrets.values() for one in names] + [found.fetch_token] if found else []
    for one in (name for name in named if name and not secret(name)):
        echo(f"Secret {one}: {secret.how_to_set(one)}")
    echo(f"`leadbridge hooks {name}` prints the address to paste at the sender, and the steps there.")


def _refuse_overwriting(path: Path, before: MappingFile | None, source: str) -> None:
    if before is None:
        return
    is_draft = before.mapping is not None and not before.mapping.live and not before.mapping.actions
    if is_draft and not source:
        raise LeadbridgeError(f"{path} is there already; fill it in with --from last, once the form was submitted")
    if not is_draft:
        raise LeadbridgeError(f"{path} is there already and is more than a draft; choose another name, or remove it")


def _refuse_losing_edits(before: MappingFile, drafts: list[str]) -> None:
    """A draft is drafted again only while all its entries are drafted ones: the others are a person's work."""
    drafted = [entry for text in drafts for entry in _entries(text).items()]
    edited = [name for name, value in _entries(before.text).items() if (name, value) not in drafted]
    if edited:
        raise LeadbridgeError(
            f"{before.file} has been edited ({', '.join(edited)}), and a new draft would overwrite that; "
            "draft under another name and copy what you need, or remove these entries first"
        )


def _usual_drafts(preset: Preset, name: str) -> Iterator[str]:
    """Drafts without a submission, and of submissions with a whole name and with a name in parts."""
    yield draft(preset, name=name)
    for contact in (Contact(full_name="-", phone="+"), Contact(first_name="-", last_name="-", phone="-", company="-")):
        yield draft(preset, name=name, event=Event(item=0, kind=Kind.SUBMISSION, contact=contact))


def _entries(text: str) -> dict[str, Any]:
    """What a mapping says, the lead field by field, but for the sender and how its requests are verified."""
    data = load(text, file="").data
    found = {name: value for name, value in data.items() if name not in _SENDER}
    return found | {f"lead.{field}": value for field, value in (data.get("lead") or {}).items()}


def _sent(source: str, hook: str, headers: tuple[str, ...], content_type: str, *, is_new: bool) -> Payload | None:
    if not source:
        return None
    if source == "last":
        return newest(hook, or_any=is_new)
    return read_argument(source, headers=headers, content_type=content_type)


def _preset(wanted: str, before: MappingFile | None, sent: Payload | None, presets: Presets) -> Preset:
    """The sender: as named, else that of the draft or of the hook where it came, else the one recognised."""
    known = [wanted, before.mapping.preset if before is not None and before.mapping else ""]
    if sent is not None and sent.hook and not any(known):
        path = config.load(config.environment()).mappings / f"{sent.hook}.yaml"
        file = hooks.read_file(path, presets) if path.exists() else None
        known.append(file.mapping.preset if file is not None and file.mapping else "")
    name = next((name for name in known if name), "")
    if name and name not in presets:
        raise unknown_name("preset", name, presets, "`leadbridge presets` lists them")
    if name:
        return presets[name]
    if sent is None:
        raise LeadbridgeError("the sender is not known; name it: --preset NAME")
    folder = config.load(config.environment()).mappings
    return recognised(presets, folder, sent)


def _verification_of(before: MappingFile) -> str:
    """The lines of an earlier draft that say how its requests are verified: the sender has them by now."""
    lines, taking = [], False
    for line in before.text.splitlines():
        if line[:1] not in ("", " ", "#"):
            taking = line.startswith(("secrets:", "verify:", "fetch:"))
        if taking and line.strip() and not line.startswith("#"):
            lines.append(line)
    return "\n".join(lines)
