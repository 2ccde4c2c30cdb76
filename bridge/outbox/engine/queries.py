"""Named queries: the SQL files of the outbox, read once per dialect.

`-- name: claim_due` starts a query. NAME.sql holds what both databases understand; NAME.sqlite.sql and
NAME.postgres.sql hold the same names where they must differ, and NAME.only.sqlite.sql what the other database has no
counterpart of. Parameters are written `:name`. A word in capitals
(`:PENDING`) is a state or a limit of bridge.model and becomes its number, so that partial indexes apply.

What is written once for many queries: `-- fragment: first_of_its_lead` starts a text that `{first_of_its_lead}` pastes.
What differs mechanically between the databases: `= EACH(:ids)` takes one value on SQLite and an array on PostgreSQL
(see `Transaction.run_each`), and a line `-- postgres: FOR NO KEY UPDATE` counts on PostgreSQL only.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bridge.errors import OutboxError
from bridge.model import PATIENCE_MS, DeliveryState, EventState, Order, Priority

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Dialect = Literal["sqlite", "postgres"]

FOLDER = Path(__file__).parents[1]

_HEAD = re.compile(r"^-- (name|fragment): *(\S+) *$", re.MULTILINE)
_PASTED = re.compile(r"\{([a-z_]+)\}")
_EACH = re.compile(r"\bEACH\((:[a-z_]+)\)")
_POSTGRES = "-- postgres: "
_CONSTANT = re.compile(r":([A-Z]+)\b")
_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|::|:(?P<parameter>[a-z_]+)|%")
_NUMBERS = {
    member.name: str(int(member)) for states in (DeliveryState, Priority, EventState, Order) for member in states
} | {"PATIENCE": str(PATIENCE_MS)}


@cache
def load(dialect: Dialect, folder: Path = FOLDER) -> Mapping[str, str]:
    """Every query of a folder by name, ready for the driver of this dialect.

    Raises OutboxError when a name is given twice or is known to one dialect only.
    """
    shared = split(path.read_text("utf-8") for path in _files(folder, "*.sql") if path.name.count(".") == 1)
    own = {name: split(_texts(folder, name)) for name in ("sqlite", "postgres")}
    only = {query for name in own for query in split(_texts(folder, f"only.{name}"))}
    lonely = (own["sqlite"].keys() ^ own["postgres"].keys()) - only
    if lonely:
        raise OutboxError(
            f"queries known to one dialect only: {', '.join(sorted(lonely))}; write the other, or name the file .only."
        )
    twice = shared.keys() & own[dialect].keys()
    if twice:
        raise OutboxError(f"queries both shared and of one dialect: {', '.join(sorted(twice))}; keep one")
    texts = shared | own[dialect]
    queries = {name: _of_dialect(_pasted(text, texts), dialect) for name, text in texts.items() if name[0] != "{"}
    return queries if dialect == "sqlite" else {name: for_psycopg(text) for name, text in queries.items()}


def split(texts: Iterable[str]) -> dict[str, str]:
    """The named queries of some SQL texts, fragments as `{name}`. Raises OutboxError for a name given twice."""
    pairs = [pair for text in texts for pair in _named(text)]
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise OutboxError(f"queries named twice: {', '.join(sorted(twice))}; rename one")
    return dict(pairs)


def for_psycopg(sql: str) -> str:
    """The same statement with psycopg's `%(name)s` parameters; casts, comments and quoted text are left alone."""
    return _TOKEN.sub(_psycopg_token, sql)


def _texts(folder: Path, dialect: str) -> Iterable[str]:
    return (path.read_text("utf-8") for path in _files(folder, f"*.{dialect}.sql"))


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if path.parent.name != "migrations")


def _named(text: str) -> Iterable[tuple[str, str]]:
    parts = _HEAD.split(text)
    for kind, name, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        yield (name if kind == "name" else f"{{{name}}}"), _terse(body).rstrip(";")


def _terse(sql: str) -> str:
    """The text without indentation and lines of comment: psycopg remembers what it read of short texts only."""
    lines = [line.strip() for line in sql.splitlines()]
    return "\n".join([line for line in lines if line and (not line.startswith("--") or line.startswith(_POSTGRES))])


def _pasted(sql: str, texts: Mapping[str, str]) -> str:
    """The query with its fragments, and those with theirs. Raises OutboxError for one that is not there."""
    missing = {name for name in _PASTED.findall(sql) if f"{{{name}}}" not in texts}
    if missing:
        raise OutboxError(f"fragments that no file has: {', '.join(sorted(missing))}; write `-- fragment: NAME`")
    return _PASTED.sub(lambda match: _pasted(texts[match.group()], texts), sql)


def _of_dialect(sql: str, dialect: Dialect) -> str:
    """The query with states as numbers and with what its mechanical differences become."""
    sql = _CONSTANT.sub(lambda match: _NUMBERS[match.group(1)], sql)
    if dialect == "postgres":
        return _EACH.sub(r"ANY(\1)", sql).replace(_POSTGRES, "")
    lines = [line for line in sql.splitlines() if not line.startswith(_POSTGRES)]
    return _EACH.sub(r"\1", "\n".join(lines))


def _psycopg_token(match: re.Match[str]) -> str:
    parameter = match.group("parameter")
    return f"%({parameter})s" if parameter else match.group().replace("%", "%%")
