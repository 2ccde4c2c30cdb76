"""Whether the mapping files are right: by themselves, with their secrets, and for the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge import config
from bridge.authoring.check import check
from bridge.operations.doctor.check import Check, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.config import Settings
    from bridge.zoho import Snapshot


def look_at_mappings(
    settings: Settings, environ: Mapping[str, str], account: Snapshot | None = None
) -> Iterator[Check]:
    """Every problem of the mapping files, held against the `account` if it is given."""
    if not settings.mappings.is_dir():
        fix = "make it, or set LEADBRIDGE_MAPPINGS"
        yield Check(name="mappings", mark=Mark.FAIL, detail=f"there is no folder {settings.mappings}", fix=fix)
        return
    found = check(
        (settings.mappings,),
        secret=config.SecretReader(environ),
        secrets_are_needed=True,
        account=lambda _: account,
        accounts=tuple(settings.accounts),
    )
    if not found.files:
        fix = "`leadbridge new NAME --preset P` writes a first one"
        yield Check(name="mappings", mark=Mark.WARN, detail=f"{settings.mappings} holds no mapping", fix=fix)
    for problem in found.problems:
        place = ":".join(str(part) for part in (problem.file, problem.line) if part)
        mark = Mark.FAIL if problem.severity == "error" else Mark.WARN
        yield Check(name="mappings", mark=mark, detail=f"{place}: {problem.message}", fix=problem.fix)
    if found.files and not found.problems:
        yield Check(name="mappings", mark=Mark.OK, detail=f"{len(found.files)} read")
