"""Try: a mapping's text edited and tried on events that came, on the sender's sample or on a payload that is pasted.

The script has that done while one types. The file is never written.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from flask import Response
from flask import request as http
from werkzeug.exceptions import NotFound

from bridge.console import sessions
from bridge.console.acting import revealed
from bridge.console.page import PART, Page, Shown, console
from bridge.errors import LeadbridgeError
from bridge.hooks.folder import judge_presets, mapping_files
from bridge.hooks.payload import pasted
from bridge.model import Role, event_name
from bridge.operations import trial
from bridge.operations.masking import Mask
from bridge.operations.selection import one
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.hooks.folder import MappingFile
    from bridge.operations.trial import Trial

page = Page("trying", title="Try", shortcut="t", role=Role.OPERATOR)

LABELS: Final = {
    **{which: which for which in trial.WHICH},
    trial.SAMPLE: "the sender's sample",
    trial.PASTED: "a payload of your own",
}
"""What a text may be tried on, and the words for it."""


@page.look("")
def overview() -> Shown:
    """The mappings there are, each with its last event."""
    files = mapping_files(console().settings.mappings)
    last = registry.last_events_by_hook(console().outbox)
    named = sorted(files, key=lambda name: (-(dict(last).get(name) or 0), name))
    presets, _ = judge_presets(console().settings.mappings)
    values = {
        "hooks": [(name, dict(last).get(name)) for name in named],
        "folder": console().settings.mappings,
        "presets": [(name, f"{trial.PRESET}{name}") for name in sorted(presets)],
    }
    return Shown("try.html", values, {"hooks": named, "presets": sorted(presets)})


@page.look("/<hook>")
def hook(hook: str) -> Shown:
    """Today's text of a mapping, tried on its newest events; of `preset:NAME` a draft, tried on the sender's sample."""
    file, words = _todays(hook)
    return _tried(hook, file, words, file.text, http.args.get("which", "all"), http.args.get("event", ""))


@page.act("/<hook>", role=Role.OPERATOR)
def edited(hook: str) -> Shown:
    """A changed text, tried; the script asks for this as one types."""
    return _edited(hook)


@page.act("/<hook>/reveal", role=Role.OPERATOR)
def reveal(hook: str) -> Shown:
    """Show what events brought to this hook unmasked in this session; that is recorded."""
    _todays(hook)
    revealed(f"hook={hook}")
    sessions.reveal(f"try:{hook}")
    return _edited(hook)


@page.act("/<hook>/file", role=Role.OPERATOR)
def file(hook: str) -> Response:
    """The text as a file to put into the folder of the mappings."""
    today, _ = _todays(hook)
    response = Response(_text(), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{today.name}.yaml"'
    return response


@page.act("/<hook>/example", role=Role.OPERATOR)
def example(hook: str) -> Shown:
    """An event as an example for the mapping's tests, without its person."""
    today, _ = _todays(hook)
    chosen = one(http.form.get("example", ""))
    event_id = chosen.get("event_id", 0)
    text = trial.example_text(console().outbox, console().settings.mappings, today.name, _text(), event_id)
    return Shown("try_example.html", {"hook": today.name, "event": event_name(event_id), "text": text})


def _edited(hook: str) -> Shown:
    which = http.form.get("which", "all")
    return _tried(hook, *_todays(hook), _text(), which, http.form.get("event", "") if which == "event" else "")


def _todays(hook: str) -> tuple[MappingFile, frozenset[str]]:
    """Today's file, and its words: those that a draft adds must not unmask what it names. Raises NotFound."""
    try:
        file, presets = trial.todays_file(console().settings.mappings, hook)
    except LeadbridgeError as error:
        raise NotFound(str(error)) from None
    return file, trial.vocabulary(file, presets)


def _text() -> str:
    """The text of the form, its lines ended as files end them."""
    return http.form.get("text", "").replace("\r\n", "\n")


def _tried(hook: str, today: MappingFile, words: frozenset[str], text: str, which: str, event: str) -> Shown:
    labels = {which: LABELS[which] for which in (trial.SAMPLE, trial.PASTED)} if trial.is_draft(hook) else LABELS
    which = which if which in labels else next(iter(labels))
    event_id = one(event).get("event_id", 0) if event else 0
    result = _result(hook, text, which, event_id)
    if http.method == "GET" and not result.tried and which == "all" and not result.problems:
        which, result = trial.SAMPLE, _result(hook, text, trial.SAMPLE, 0)
    is_real = which not in (trial.SAMPLE, trial.PASTED)
    mask = Mask(revealed=not is_real or sessions.is_revealed(f"try:{today.name}"), vocabulary=words)
    values = {
        "hook": hook,
        "name": today.name,
        "folder": console().settings.mappings,
        "is_draft": trial.is_draft(hook),
        "text": text,
        "result": result,
        "which": which,
        "labels": labels,
        "event": event if event_id else "",
        "is_real": is_real,
        "payload": http.form.get("payload", ""),
        "headers": http.form.get("headers", ""),
        "mask": mask,
        "diff": "".join(_diff(today, text, "drafted" if trial.is_draft(hook) else "today")),
    }
    template = "try_result.html" if http.headers.get(PART) else "try_hook.html"
    return Shown(template, values, _document(result, mask))


def _result(hook: str, text: str, which: str, event_id: int) -> Trial:
    store, folder = console().outbox, console().settings.mappings
    if which == trial.SAMPLE:
        return trial.try_payload(folder, hook, text, None)
    if which == trial.PASTED:
        body = http.form.get("payload", "").strip().encode("utf-8", "surrogatepass")
        payload = pasted(body, http.form.get("headers", ""))
        return trial.try_payload(folder, hook, text, payload)
    return trial.try_text(store, folder, hook, text, which=which, event_id=event_id)


def _diff(today: MappingFile, text: str, before: str) -> Iterator[str]:
    old, new = today.text.splitlines(keepends=True), text.splitlines(keepends=True)
    return difflib.unified_diff(old, new, f"{today.name}.yaml {before}", f"{today.name}.yaml edited")


def _document(result: Trial, mask: Mask) -> dict[str, Any]:
    return {
        "problems": [problem.as_json() for problem in result.problems],
        "unreadable": result.unreadable,
        "events": [
            {
                "event": one.name,
                "before": one.before.name.lower() if one.before is not None else None,
                "after": one.explanation.mapped.state.name.lower() if one.explanation is not None else None,
                "error": mask.sentence(one.error),
                "changes": [
                    {
                        "path": change.path,
                        "before": mask.part(change.path, change.before),
                        "after": mask.part(change.path, change.after),
                    }
                    for change in one.changes
                ],
            }
            for one in result.tried
        ],
    }
