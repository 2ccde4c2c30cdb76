"""Every hook of the mapping files: its address, whether it works, and what its sender needs to be set up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bridge import config
from bridge.errors import OutboxError
from bridge.hooks import folder as hooks
from bridge.hooks import last_good
from bridge.hooks.hook import ClosedHook, Hook
from bridge.intake import QueryToken
from bridge.model import Problem
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.config import Settings
    from bridge.hooks.folder import MappingFile
    from bridge.intake import Preset
    from bridge.outbox import Outbox
    from bridge.outbox.registry import HookTrouble


PASTED: Final = "?token=YOUR-SECRET"
"""What the setup steps of presets write after the address of a hook with `verify: {query_token: ...}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRow:
    """One hook. `state` is live, draft or closed; `secrets` are names of variables by role, never their values.

    `preset` is None where the mapping cannot be used; `on_last_good` says that an earlier text of it is in use.
    `last_event_at` is ms UTC.
    """

    hook: str
    url: str
    preset: str | None
    state: str
    secrets: Mapping[str, tuple[str, ...]]
    on_last_good: bool
    problems: tuple[Problem, ...]
    setup: tuple[str, ...]
    last_event_at: int | None

    def as_json(self) -> dict[str, Any]:
        """The hook as a JSON object, as docs/operations.md lists it."""
        return asdict(self) | {"problems": [problem.as_json() for problem in self.problems]}


def reported_rows(store: Outbox, settings: Settings) -> tuple[HookRow, ...]:
    """The hooks by their names, for a process without their secrets: whether one is closed is what receivers reported.

    Raises OutboxError.
    """
    rows = {row.hook: row for row in hook_rows(store, settings, has_secrets=False)}
    for trouble in registry.hook_troubles(store):
        row = rows.get(trouble.hook)
        if trouble.status == "closed" and row is not None and row.state != "closed":
            rows[row.hook] = replace(row, state="closed", problems=(_problem(trouble), *row.problems))
    return tuple(rows[name] for name in sorted(rows))


def hook_rows(
    store: Outbox, settings: Settings, *, reveal: bool = False, has_secrets: bool = True
) -> tuple[HookRow, ...]:
    """The hooks by their names, with those whose file is gone.

    `reveal` puts the tokens that belong into addresses there, escaped.

    Without `has_secrets` all of them count as set. What only the outbox knows is left out while it is not there.
    """
    reader = config.SecretReader(config.environment()) if has_secrets else None
    presets = hooks.load_presets(settings.mappings)
    files = hooks.read_folder(settings.mappings, presets)
    try:
        last, good = registry.last_events_by_hook(store), last_good.stored_texts(store)
        gone = registry.gone_hooks(store, {file.name for file in files}, folder=str(settings.mappings))
    except OutboxError:
        last, good, gone = {}, {}, ()
    rows = [_row(file, presets, settings, last, good, reader, reveal=reveal) for file in files]
    rows += [_gone(trouble, last.get(trouble.hook), settings) for trouble in gone]
    return tuple(sorted(rows, key=lambda row: row.hook))


def _problem(trouble: HookTrouble) -> Problem:
    return Problem(code=trouble.status, message=trouble.problem, fix=trouble.fix)


def _gone(trouble: HookTrouble, last_event_at: int | None, settings: Settings) -> HookRow:
    return HookRow(
        hook=trouble.hook,
        url=settings.hook_url(trouble.hook),
        preset=None,
        state="closed",
        secrets={},
        on_last_good=False,
        problems=(_problem(trouble),),
        setup=(),
        last_event_at=last_event_at,
    )


def _row(
    file: MappingFile,
    presets: Mapping[str, Preset],
    settings: Settings,
    last: Mapping[str, int | None],
    good: Mapping[str, str],
    secret: config.SecretReader | None,
    *,
    reveal: bool,
) -> HookRow:
    bad = hooks.errors_of(file)
    if bad and file.name in good:
        file = hooks.judge(good[file.name], name=file.name, file=file.file, presets=presets)
    opened = hooks.open_hook(file, presets, secret or (lambda _: "not needed"))
    found = file.mapping
    preset = presets.get(found.preset) if found is not None else None
    url = _url(opened, file.name, settings, reveal=reveal)
    closed = isinstance(opened, ClosedHook)
    return HookRow(
        hook=file.name,
        url=url,
        preset=preset.name if preset else None,
        state="closed" if closed else "live" if found and found.live else "draft",
        secrets={role: tuple(names) for role, names in found.secrets.items()} if found else {},
        on_last_good=bool(bad) and found is not None,
        problems=tuple(bad) or _of_secrets(opened, secret),
        setup=_steps(preset, opened, url) if preset else (),
        last_event_at=last.get(file.name),
    )


def _steps(preset: Preset, opened: Hook | ClosedHook, url: str) -> tuple[str, ...]:
    """The steps at the sender with the hook's own address, which has its token already where one belongs into it."""
    has_token = isinstance(opened, Hook) and isinstance(opened.scheme, QueryToken)
    placeholders = (f"{{url}}{PASTED}", "{url}") if has_token else ("{url}",)
    steps = preset.setup
    for placeholder in placeholders:
        steps = tuple(step.replace(placeholder, url) for step in steps)
    return steps


def _of_secrets(opened: Hook | ClosedHook, secret: config.SecretReader | None) -> tuple[Problem, ...]:
    """Why the hook is closed; else what looks like a slip in its secrets, and those that only some requests need."""
    if isinstance(opened, ClosedHook):
        return opened.problems
    return opened.doubts if secret is not None else ()


def _url(opened: Hook | ClosedHook, name: str, settings: Settings, *, reveal: bool) -> str:
    """The address to paste. A token that belongs into it is named by its variable, or escaped with `reveal`."""
    url = settings.hook_url(name)
    if isinstance(opened, Hook) and isinstance(opened.scheme, QueryToken):
        parameter = quote(opened.scheme.parameter, safe="")
        if reveal:
            return f"{url}?{parameter}={quote(opened.secrets['token'][0], safe='')}"
        return f"{url}?{parameter}=<the value of {opened.mapping.secrets['token'][0]}>"
    return url
