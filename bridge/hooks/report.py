"""What the log says of the mapping files: everything at the start, and of a change only what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge import log
from bridge.hooks.accounts import unserved
from bridge.hooks.hook import ClosedHook, Hook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from bridge.hooks.hook import Hooks
    from bridge.model import Problem


def report_loaded(old: Hooks | None, new: Hooks, *, folder: Path, accounts: Collection[str]) -> None:
    """Log the hooks that were loaded in the place of `old`; `accounts` are the Zoho accounts of the settings."""
    _report_presets(old, new)
    for name, problems in _bad(new).items():
        if old is None or _bad(old).get(name) != problems:
            _report_bad(name, problems, is_stale=name in new.stale)
    for name, hook in new.by_name.items():
        _report_doubts(old.by_name.get(name) if old is not None else None, hook)
    for name, problem in unserved(new, accounts).items():
        if old is None or name not in unserved(old, accounts):
            log.get_logger().error("hook.account_unknown", hook=name, problem=problem.message, fix=problem.fix)
    if old is not None:
        _report_live(old, new)
    log.get_logger().info(
        "mappings.loaded",
        folder=str(folder),
        hooks=sorted(new.by_name),
        closed=sorted(name for name, hook in new.by_name.items() if isinstance(hook, ClosedHook)),
        stale=sorted(new.stale),
    )


def _bad(hooks: Hooks) -> dict[str, tuple[Problem, ...]]:
    """The problems of each hook that does not run as its file says."""
    closed = {name: hook.problems for name, hook in hooks.by_name.items() if isinstance(hook, ClosedHook)}
    return closed | dict(hooks.stale)


def _report_presets(old: Hooks | None, new: Hooks) -> None:
    known = old.preset_problems if old is not None else ()
    for problem in new.preset_problems:
        if problem not in known:
            log.get_logger().error(
                "preset.rejected", file=problem.file, line=problem.line, path=problem.path, problem=problem.message
            )


def _report_bad(name: str, problems: Iterable[Problem], *, is_stale: bool) -> None:
    for problem in problems:
        if problem.file:
            log.get_logger().error(
                "mapping.rejected",
                hook=name,
                file=problem.file,
                line=problem.line,
                column=problem.column,
                path=problem.path,
                problem=problem.message,
                fix=problem.fix,
                last_good_in_use=is_stale,
            )
    if not is_stale:
        log.get_logger().error("hook.closed", hook=name, problems=[problem.message for problem in problems])


def _report_doubts(before: Hook | ClosedHook | None, hook: Hook | ClosedHook) -> None:
    known = before.doubts if isinstance(before, Hook) else ()
    found = [problem for problem in hook.doubts if problem not in known] if isinstance(hook, Hook) else []
    if found:
        problems, fixes = [problem.message for problem in found], [problem.fix for problem in found]
        log.get_logger().warning("hook.doubtful", hook=hook.name, problems=problems, fixes=fixes)


def _report_live(old: Hooks, new: Hooks) -> None:
    """What a draft held back is not sent by itself: people may have changed their minds since."""
    for name, hook in new.by_name.items():
        before = old.by_name.get(name)
        if isinstance(before, Hook) and isinstance(hook, Hook) and hook.mapping.live and not before.mapping.live:
            fix = f"leadbridge replay --hook {name} --reason not_live"
            log.get_logger().info("hook.went_live", hook=name, fix=fix)
