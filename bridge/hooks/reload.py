"""The active hooks, reloaded while the service runs, whatever was changed and whoever said so.

The folder of each host is the source; the mapping set in the outbox is what a bad file falls back on, and what
events refer to. So hosts whose folders differ, as in a rolling update, each run their own
and do not overwrite each other's.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.config import SecretReader
from bridge.documents import yaml_files
from bridge.errors import OutboxError
from bridge.hooks.folder import judge_presets, load_hooks
from bridge.hooks.hook import ClosedHook
from bridge.hooks.report import report_loaded
from bridge.outbox import registry
from bridge.outbox.registry import HookTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from bridge.hooks.hook import Hooks
    from bridge.outbox import Outbox

    Secret = Callable[[str], str]
    Seen = tuple[object, ...]

LOOK_SECONDS: Final = 0.5
"""How often a process looks whether something changed: it is to be reloaded within a second."""


class LiveHooks:
    """Holds the hooks of this process, and the thread that keeps them fresh once `watch` was called.

    `hooks` is replaced as a whole: a request takes it once and is handled by one set of mappings throughout.
    """

    def __init__(
        self, folder: Path, secret: Secret, store: Outbox, *, accounts: Collection[str] = (), reports: bool = True
    ) -> None:
        """`accounts` are the Zoho accounts of the settings; mappings for others are reported.

        With `reports`, what was loaded is logged: by one process of a host, since all read the same.
        """
        self._folder = folder
        self._secret = secret
        self._outbox = store
        self._accounts = accounts
        self._reports = reports
        self._asked_for: set[str] = set()
        self._watched_by = 0
        self._rung: tuple[int, int] | None = None
        self._unreadable = False
        self._seen = self._look()
        self.hooks: Hooks = load_hooks(folder, judge_presets(folder)[0], self._noting(), store)
        self._secrets = self._read_secrets()
        self._report(None)
        self._store(_troubles(self.hooks))

    def watch(self) -> None:
        """See to it that changes are reloaded: of the folder, of secrets in files, and when the outbox notifies.

        Cheap to call often; a process that was forked from a watching one starts a thread of its own.
        """
        if self._watched_by != os.getpid():
            self._watched_by = os.getpid()
            threading.Thread(target=self._watch, name="reload", daemon=True).start()

    def refresh(self) -> bool:
        """Look once, and load what changed; True when there was something to load."""
        try:
            self._folder.stat()
            seen = self._look()
            if seen == self._seen and not self._unreadable and self._read_secrets() == self._secrets:
                return False
            self._load()
        except OSError as error:  # descriptors are used up, or a mount is away: the hooks active stay
            self._note_unreadable(error)
            return False
        self._unreadable = False
        *files, notified = seen  # of before the files were read: a change meanwhile is seen next time
        self._seen = (*files, self._settled(notified))
        return True

    def _note_unreadable(self, error: OSError) -> None:
        """Once for each time that the folder becomes unreadable."""
        if self._unreadable:
            return
        self._unreadable = True
        fix = "mount it, or make it readable; the mappings in use stay so"
        if self._reports:
            log.get_logger().error("mappings.unreadable", folder=str(self._folder), error=error.strerror, fix=fix)
        problem = f"the folder {self._folder} cannot be read: {error.strerror}"
        closed = [one for one in _troubles(self.hooks) if one.status == "closed"]
        running = self.hooks.by_name.keys() - {one.hook for one in closed}
        self._store([*closed, *(HookTrouble(hook=one, status="stale", problem=problem, fix=fix) for one in running)])

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - the hooks active stay, and the next look may be better
                log.broke(error)

    def _load(self) -> None:
        old = self.hooks
        self._asked_for.clear()
        presets, _ = judge_presets(self._folder)
        new = load_hooks(self._folder, presets, self._noting(), self._outbox, running=old)
        if new.texts == old.texts:
            new = replace(new, mapping_set_id=old.mapping_set_id)  # so that hosts with other texts are not overruled
        self.hooks = new
        self._report(old)
        self._secrets = self._read_secrets()
        self._store(_troubles(new))

    def _report(self, old: Hooks | None) -> None:
        if self._reports:
            report_loaded(old, self.hooks, folder=self._folder, accounts=self._accounts)

    def _store(self, troubles: Collection[HookTrouble]) -> None:
        """Store the texts in use now, for a restart, and which hooks do not run, for the alarms.

        While the outbox is away, the first event stores the texts.
        """
        try:
            if self.hooks.texts:
                self.hooks.mapping_set_id()
            registry.note_hooks(self._outbox, self.hooks.by_name.keys(), troubles, folder=str(self._folder))
        except OutboxError as error:
            log.get_logger().error("outbox.unavailable", error=str(error))

    def _look(self) -> Seen:
        """What says that something changed. Links are followed, so that a swapped folder counts, too."""
        return (*_marks(self._folder), self._notified())

    def _settled(self, before: object) -> object:
        """The notification to compare with: the activation of the texts just loaded, and nothing else, is no news."""
        after = self._notified()
        if isinstance(before, tuple) and after is not None and self.hooks.texts:
            generation, active = before
            if active != after[1] and after == (generation + 1, self.hooks.mapping_set_id()):
                return after
        return before

    def _notified(self) -> tuple[int, int] | None:
        """The generation of the mappings and the set that is active; of before while the outbox is away."""
        with contextlib.suppress(OutboxError):  # what it last said holds; the folder is looked at all the same
            self._rung = registry.active_generation(self._outbox)
        return self._rung

    def _noting(self) -> Secret:
        """What reads secrets and notes which, to notice when one changes; it can explain what the original can."""
        if isinstance(self._secret, SecretReader):
            return replace(self._secret, read=self._asked_for)

        def read(name: str) -> str:
            self._asked_for.add(name)
            return self._secret(name)

        return read

    def _read_secrets(self) -> tuple[str, ...]:
        return tuple(self._secret(name) for name in sorted(self._asked_for))


def _troubles(hooks: Hooks) -> list[HookTrouble]:
    """The hooks that do not run as their files say, each with its first problem."""
    closed = [(one.name, "closed", one.problems) for one in hooks.by_name.values() if isinstance(one, ClosedHook)]
    stale = [(name, "stale", problems) for name, problems in hooks.stale.items()]
    return [
        HookTrouble(
            hook=name, status=status, problem=problems[0].message, fix=problems[0].fix or "see `leadbridge check`"
        )
        for name, status, problems in (*closed, *stale)
    ]


def _marks(folder: Path) -> list[tuple[str, int, int, int]]:
    """Name, time, size and inode of each file that mappings are made from."""
    marks = []
    for path in sorted([*yaml_files(folder), *yaml_files(folder / "presets")]):
        try:
            found = path.stat()
        except OSError:
            continue  # it vanished between the two looks
        marks.append((str(path), found.st_mtime_ns, found.st_size, found.st_ino))
    return marks
