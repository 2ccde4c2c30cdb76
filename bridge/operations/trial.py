"""A mapping's text tried on events that came: its problems, and what each event would become by it. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bridge import mapping
from bridge.authoring.capture import capture
from bridge.authoring.draft import draft
from bridge.documents import dump
from bridge.errors import IntakeError, LeadbridgeError
from bridge.hooks import folder as hooks
from bridge.hooks.payload import events_in, of_sample, of_stored, read_events, read_stored
from bridge.hooks.presets import preset_texts
from bridge.intake.samples import shipped_sample
from bridge.model import WHOLE_REQUEST, EventState, Kind, event_name
from bridge.operations.masking import words_of
from bridge.outbox import fetching, operator
from bridge.replay.changes import Change, differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.hooks.folder import MappingFile
    from bridge.hooks.presets import Presets
    from bridge.mapping import Explanation, Payload
    from bridge.model import Event, Problem
    from bridge.outbox import Outbox
    from bridge.outbox.operator import EventStory, StoredRequest

EVENTS: Final = 10
"""On how many events a text is tried."""

WHICH: Final[Mapping[str, EventState | None]] = {
    "all": None,
    "refused": EventState.REFUSED,
    "ignored": EventState.IGNORED,
}
"""Which of a hook's newest events, by the word for them."""

SAMPLE: Final = "sample"
PASTED: Final = "pasted"
"""What a text may be tried on instead of events that came: the sample of its sender, and a payload of one's own."""


PRESET: Final = "preset:"
"""Before the name of a preset that stands in a hook's place; no hook's name has a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One event and what the text makes of it: an explanation, or `error`, why there is none.

    `name` is its id, or its place in a payload that never came; `event_id` is 0 then. `before` is its state as it was
    stored, or as today's file makes it. `changes` are the differences to what today's file makes of it.
    """

    name: str
    event_id: int = 0
    lead: str = field(default="", repr=False)
    before: EventState | None = None
    explanation: Explanation | None = field(default=None, repr=False)
    changes: tuple[Change, ...] = field(default=(), repr=False)
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A mapping's text with its problems, and the events it was tried on, newest first; none while it is unusable.

    `unreadable` says why a payload could not be read.
    """

    file: MappingFile
    tried: tuple[Tried, ...]
    unreadable: str = ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the text."""
        return self.file.problems


def is_draft(hook: str) -> bool:
    """Whether this is no hook but a preset, of which a mapping is drafted: `preset:typeform`."""
    return hook.startswith(PRESET)


def todays_file(folder: Path, hook: str) -> tuple[MappingFile, Presets]:
    """The mapping file of a hook as it is now, or the draft of `preset:NAME`, with the presets it may use.

    Raises LeadbridgeError without a mapping file or a preset of this name.
    """
    presets, _ = hooks.judge_presets(folder)
    if is_draft(hook):
        return _drafted(hook.removeprefix(PRESET), presets), presets
    path = hooks.mapping_files(folder).get(hook)
    if path is None:
        raise LeadbridgeError(f"there is no mapping of this name in {folder}")
    return hooks.read_file(path, presets), presets


def _drafted(name: str, presets: Presets) -> MappingFile:
    """What `leadbridge new` would write for a preset, from the sender's sample where there is one."""
    preset = presets.get(name)
    if preset is None:
        raise LeadbridgeError("there is no preset of this name")
    sample = shipped_sample(name)
    event = next(iter(events_in(of_sample(sample), preset)), None) if sample is not None else None
    return hooks.judge(draft(preset, name=name, event=event), name=name, file=f"{name}.yaml", presets=presets)


def vocabulary(file: MappingFile, presets: Presets) -> frozenset[str]:
    """The words of a mapping, of its preset, and of ours for the kinds of events: none is about a person."""
    words = words_of(file.text) | {kind.value for kind in Kind}
    if file.mapping is None:
        return words
    return words | words_of(
        preset_texts({file.mapping.preset: presets[file.mapping.preset]}, Path(file.file).parent)[file.mapping.preset]
    )


def todays_words(folder: Path, hook: str) -> frozenset[str]:
    """The words of the mapping that a hook has now; none without a file."""
    try:
        return vocabulary(*todays_file(folder, hook))
    except LeadbridgeError:
        return frozenset()


def try_text(store: Outbox, folder: Path, hook: str, text: str, *, which: str = "all", event_id: int = 0) -> Trial:
    """Try a text in the place of a hook's mapping, on its newest events of `which`, or on one event.

    Raises LeadbridgeError for a hook without a mapping file, OutboxError.
    """
    today, presets = todays_file(folder, hook)
    edited = hooks.judge(text, name=today.name, file=today.file, presets=presets)
    if edited.mapping is None:
        return Trial(file=edited, tried=())
    if event_id:
        stories = operator.find_events(store, event_id=event_id)
    else:
        stories = operator.find_events(store, hook=hook, state=WHICH[which], limit=EVENTS)
    return Trial(file=edited, tried=tuple(_tried(store, story, edited, today, presets) for story in stories))


def try_payload(folder: Path, hook: str, text: str, payload: Payload | None) -> Trial:
    """Try a text on the events of a payload that never came, at most EVENTS of them; None is the sample of its sender.

    Raises LeadbridgeError for a hook without a mapping file.
    """
    today, presets = todays_file(folder, hook)
    edited = hooks.judge(text, name=today.name, file=today.file, presets=presets)
    if edited.mapping is None:
        return Trial(file=edited, tried=())
    if payload is None and (sample := shipped_sample(edited.mapping.preset)) is not None:
        payload = of_sample(sample)
    if payload is None:
        return Trial(file=edited, tried=(), unreadable=f"the preset {edited.mapping.preset} has no sample")
    try:
        explained = _explained(payload, edited, presets)
    except LeadbridgeError as error:
        return Trial(file=edited, tried=(), unreadable=str(error))
    return Trial(file=edited, tried=tuple(_of_payload(explained, _todays(payload, today, presets))))


def _explained(payload: Payload, file: MappingFile, presets: Presets) -> tuple[Explanation, ...]:
    if file.mapping is None:
        return ()
    events = events_in(payload, presets[file.mapping.preset], file.mapping)
    return tuple(mapping.explain(file.mapping, event) for event in events[:EVENTS])


def _todays(payload: Payload, today: MappingFile, presets: Presets) -> tuple[Explanation, ...]:
    try:
        return _explained(payload, today, presets)
    except LeadbridgeError:
        return ()  # today's preset cannot read it


def _of_payload(explained: tuple[Explanation, ...], before: tuple[Explanation, ...]) -> Iterator[Tried]:
    for number, one in enumerate(explained):
        former = before[number] if number < len(before) else None
        yield Tried(
            name=f"event {number + 1}",
            lead=one.mapped.lead,
            before=former.mapped.state if former is not None else None,
            explanation=one,
            changes=tuple(differences(_content(former), _content(one))),
        )


def example_text(store: Outbox, folder: Path, hook: str, text: str, event_id: int) -> str:
    """An event as an example of a mapping's text, its person replaced by pseudonyms: the YAML of an examples file.

    Raises LeadbridgeError when the text is unusable, the event gone, or a personal value would remain.
    """
    today, presets = todays_file(folder, hook)
    edited = hooks.judge(text, name=today.name, file=today.file, presets=presets)
    stored = operator.request_of(store, event_id)
    if edited.mapping is None or stored is None or stored.body is None or stored.hook != hook:
        raise LeadbridgeError("the mapping cannot be used, or the body of this event was purged")
    try:
        name = f"As {event_name(event_id)} came"
        sent = of_stored(stored, fetched=fetching.fetched_of(store, event_id))
        example = capture(edited, presets[edited.mapping.preset], sent, name=name)
    except IntakeError as error:
        raise LeadbridgeError(f"the event cannot be read: {error}") from error
    return dump({"examples": [example]})


def explain_event(store: Outbox, story: EventStory, file: MappingFile, presets: Presets) -> Tried:
    """What a mapping file makes of an event that came, field by field."""
    tried = Tried(name=event_name(story.event_id), event_id=story.event_id, lead=story.lead, before=story.state)
    stored = operator.request_of(store, story.event_id)
    if file.mapping is None:
        return replace(tried, error="the mapping file cannot be used before its problems are fixed")
    if stored is None or stored.body is None:
        return replace(tried, error="its body was purged, so it cannot be read again")
    try:
        event = _event(store, story, stored, file, presets)
    except IntakeError as error:
        return replace(tried, error=f"it cannot be read: {error}")
    if event is None:
        return replace(tried, error="the mapping finds no such item in the body")
    return replace(tried, explanation=mapping.explain(file.mapping, event))


def _tried(store: Outbox, story: EventStory, edited: MappingFile, today: MappingFile, presets: Presets) -> Tried:
    tried = explain_event(store, story, edited, presets)
    if tried.explanation is None or edited.text == today.text:
        return tried
    before = explain_event(store, story, today, presets)
    return replace(tried, changes=tuple(differences(_content(before.explanation), _content(tried.explanation))))


def _event(
    store: Outbox, story: EventStory, stored: StoredRequest, file: MappingFile, presets: Presets
) -> Event | None:
    """The event as the mapping reads it; the first one of a request that could not be read. Raises IntakeError."""
    assert file.mapping is not None  # noqa: S101 - for the type checker
    preset = presets[file.mapping.preset]
    if story.item != WHOLE_REQUEST:
        fetched = fetching.fetched_of(store, story.event_id)
        return read_stored(preset, file.mapping, stored, story.item, fetched)
    return next(iter(read_events(preset, of_stored(stored), file.mapping)), None)


def _content(explanation: Explanation | None) -> dict[str, Any]:
    """What came of an event, flat: the state, the reason, and each action's parts by their paths."""
    if explanation is None:
        return {}
    shown = mapping.mapped_as_json(explanation.mapped)
    content = {"state": shown["state"], "reason": shown["reason"]}
    for number, action in enumerate(shown["actions"]):
        for name, value in action.items():
            parts = value.items() if isinstance(value, dict) else ((name, value),)
            content |= {f"actions[{number}].{part}": inner for part, inner in parts}
    return content
