"""The third pipeline: what a sender of ids only left out is fetched, and the event is mapped as any form's.

It runs next to the deliverer in threads of its own, so that a slow sender delays no delivery. An event is fetching
until its answers are there, its sender has no such thing any more, or three days of tries have failed; it then is what
its mapping says, or refused, and a refused one can be replayed.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.enrichment.complete import UNASKED_MS, Task, fill, fingerprint, probe_at
from bridge.enrichment.request import Asker, FetchStatus
from bridge.errors import OutboxError
from bridge.hooks.hook import Hook
from bridge.model import MINUTE_MS, event_name
from bridge.outbox.fetching import acquire_fetch_probe, claim_fetches, fetch_pauses, hooks_to_fetch, resume_fetches
from bridge.outbox.registry import this_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.hooks.hook import Hooks
    from bridge.http import Http
    from bridge.outbox import Outbox
    from bridge.outbox.fetching import FetchPause

LOOK_SECONDS: Final = 0.5
WORKERS: Final = 8
AT_ONCE: Final = 2
"""Events of one hook in flight at once, so that a slow sender leaves threads to the others."""

LEASE_MS: Final = 5 * MINUTE_MS
"""Longer than the calls for one event may last."""


class Completer:
    """The running completion of all hooks over one outbox. `hooks` gives those active, `secret` reads tokens."""

    def __init__(
        self,
        store: Outbox,
        hooks: Callable[[], Hooks],
        secret: Callable[[str], str],
        http: Http,
        *,
        base_url: str = "",
    ) -> None:
        self._store = store
        self._hooks = hooks
        self._secret = secret
        self._asker = Asker(store=store, http=http, name=this_process(), base_url=base_url)
        self._pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="fetch")
        self._in_flight: Counter[str] = Counter()
        self._not_before: dict[str, int] = {}
        self._reported: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._changed = threading.Event()

    def start(self, stop: threading.Event) -> threading.Thread:
        """Complete events until `stop` is set, in a thread; it ends when the calls in flight have."""
        thread = threading.Thread(target=self._run, args=(stop,), name="complete")
        thread.start()
        return thread

    def run_once(self) -> None:
        """Complete what may be fetched now, then end."""
        while self.look() or self._is_busy():
            self._changed.wait(LOOK_SECONDS)
        self._pool.shutdown(wait=True)

    def look(self) -> int:
        """Start on events that may be fetched now, as many as there is room for; how many."""
        self._changed.clear()
        waiting = hooks_to_fetch(self._store)
        if not waiting:
            return 0
        pauses, active = fetch_pauses(self._store), self._hooks()
        return sum(self._serve(name, active, pauses.get(name)) for name in waiting)

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self.look()
            except OutboxError as error:
                log.get_logger().error("outbox.unavailable", error=str(error))
            except Exception as error:  # noqa: BLE001 - an error here must not end the pipeline
                log.broke(error)
            self._changed.wait(LOOK_SECONDS)
        self._pool.shutdown(wait=True)

    def _is_busy(self) -> bool:
        with self._lock:
            return bool(self._in_flight.total()) or self._changed.is_set()

    def _serve(self, name: str, active: Hooks, pause: FetchPause | None) -> int:
        """Start on events of one hook."""
        hook, now = active.by_name.get(name), self._store.now()
        room = min(AT_ONCE - self._in_flight[name], WORKERS - self._in_flight.total())
        if room <= 0 or now < self._not_before.get(name, 0):
            return 0
        if not isinstance(hook, Hook):
            self._report_once("fetch.no_mapping", name, fix="give this process the mapping, or fix it")
            return 0
        token = self._token(hook)
        if token is None or (pause is not None and not self._may_probe(pause, token, now)):
            return 0
        claimed = claim_fetches(self._store, name, limit=1 if pause else room, lease_ms=LEASE_MS)
        for fetching in claimed:
            with self._lock:
                self._in_flight[name] += 1
            task = Task(hook=hook, fetching=fetching, token=token, mapping_set_id=active.mapping_set_id())
            self._pool.submit(self._work, task)
        return len(claimed)

    def _token(self, hook: Hook) -> str | None:
        """The hook's token, None while its variable is unset; a mapping without `fetch` needs none."""
        variable = hook.mapping.fetch_token
        token = self._secret(variable).strip() if variable else ""
        if variable and not token:
            fix = f"set the secret {variable} where the deliverer runs; the events wait for it"
            self._report_once("fetch.token_unset", hook.name, variable=variable, fix=fix)
            return None
        self._reported.discard(("fetch.token_unset", hook.name))
        return token

    def _may_probe(self, pause: FetchPause, token: str, now: int) -> bool:
        """Whether one event of a paused hook may try. Another token ends the pause."""
        if pause.fingerprint != fingerprint(token):
            if resume_fetches(self._store, pause.hook):
                log.get_logger().info("fetch.resumed", hook=pause.hook)
            return False
        if now < pause.probe_at:
            return False
        return acquire_fetch_probe(self._store, pause.hook, next_at=probe_at(pause.since, now))

    def _work(self, task: Task) -> None:
        name, event_id = task.hook.name, event_name(task.fetching.event_id)
        try:
            if fill(self._asker, task) is FetchStatus.UNASKED:
                self._not_before[name] = self._store.now() + UNASKED_MS
        except OutboxError as error:
            # What came of it could not be stored: the lease ends, and the event is asked for again.
            log.get_logger().error("outbox.unavailable", error=str(error), event_id=event_id)
        except Exception as error:  # noqa: BLE001 - an error of ours must not end the thread; the lease ends
            log.broke(error, event_id=event_id, hook=name)
        finally:
            with self._lock:
                self._in_flight[name] -= 1
                self._changed.set()

    def _report_once(self, event: str, hook: str, **fields: str) -> None:
        if (event, hook) not in self._reported:
            self._reported.add((event, hook))
            log.get_logger().warning(event, hook=hook, **fields)
