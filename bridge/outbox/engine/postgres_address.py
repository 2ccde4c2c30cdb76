"""What is shown of a PostgreSQL address: the host and the database, and never a piece of its password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bridge.errors import OutboxError

if TYPE_CHECKING:
    from collections.abc import Mapping


def shown_name(url: str) -> str:
    """`host/database` of a URL, for messages. Raises OutboxError for one that cannot be read, or is misread.

    A password with an `@` or a `/` that is not escaped ends up in the host, the port or the database.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The driver's text may quote the password.
        raise OutboxError("the PostgreSQL address cannot be read; write postgresql://user@host/database") from None
    if _is_misread(parts):
        raise OutboxError(
            "the PostgreSQL address has its host, port or database in a wrong place; "
            "write @ in a password as %40, / as %2F and % as %25"
        )
    return f"{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"


def _is_misread(parts: Mapping[str, Any]) -> bool:
    hosts = [host for name in ("host", "hostaddr") for host in str(parts.get(name) or "").split(",")]
    ports = str(parts.get("port") or "").replace(",", "")
    named = (*hosts, str(parts.get("dbname") or ""))
    return any("@" in name[1:] for name in named) or not (ports.isdecimal() or not ports)  # `@socket` is a host
