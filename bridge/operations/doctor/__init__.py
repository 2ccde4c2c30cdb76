"""Everything that has to be right for the service to work, looked at one by one: what is wrong, and what to do.

Nothing is changed but what each start would change too, and nothing needs to be set up already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge import config
from bridge.errors import SettingsError
from bridge.operations.doctor.check import Check, Mark
from bridge.operations.doctor.local import look_locally
from bridge.operations.doctor.zoho import look_at_zoho

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Check", "Mark", "examine"]


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """All checks, each as soon as it is known, the ones that others need first."""
    try:
        settings = config.load(environ, credentials=True)
        yield Check(name="settings", mark=Mark.OK)
    except SettingsError as error:
        for problem in error.problems:
            yield Check(name="settings", mark=Mark.FAIL, detail=problem.message, fix=problem.fix)
        try:
            settings = config.load(environ)
        except SettingsError:
            yield Check(name="everything else", mark=Mark.SKIP, detail="the settings come first")
            return
        store = yield from look_locally(settings, environ)
        if store is not None:
            store.close()
        yield Check(name="zoho", mark=Mark.SKIP, detail="without its settings it cannot be asked")
        return
    store = yield from look_locally(settings, environ)
    yield from look_at_zoho(settings, environ, store)
    if store is not None:
        store.close()
