"""The secrets that mappings name: variables of the environment, or the files that NAME_FILE names."""

from __future__ import annotations

import codecs
import errno
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRETS_PREFIX: Final = "LEADBRIDGE_SECRETS_PREFIX"
_OWN: Final = ("LEADBRIDGE_", "ZOHO_")
_SYSTEM: Final = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "HOSTNAME", "LANG", "TZ", "TMPDIR"),
        *("PYTHONPATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "PGPASSWORD", "PGPASSFILE", "PGUSER", "PGHOST"),
    )
)


def refused_name(name: str) -> str:
    """Why a mapping may not name this variable as a secret; "" where it may.

    A mapping's author chooses where secrets go (`fetch:` sends one to a host), so the service's own stay out of reach.
    """
    if name.startswith(_OWN) or name in _SYSTEM:
        return f"{name} belongs to the service or its system, and no mapping may read it"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReader:
    """Reads secrets by name, white space around them removed: no sender has any, editors and shells add it."""

    environ: Mapping[str, str] = field(repr=False)

    def __call__(self, name: str) -> str:
        """The secret of this name; "" when neither NAME nor NAME_FILE gives one, see `why_empty`.

        Raises OSError when descriptors are used up.
        """
        return self._read(name)[0]

    def why_empty(self, name: str) -> str:
        """Why there is no secret of this name, as a sentence; "" when there is one."""
        return self._read(name)[1]

    def _read(self, name: str) -> tuple[str, str]:
        prefix = self.environ.get(SECRETS_PREFIX, "")
        if refused := refused_name(name):
            return "", refused
        if not name.startswith(prefix):
            return "", f"{name} does not start with {prefix}, as {SECRETS_PREFIX} asks"
        if direct := self.environ.get(name, "").strip():
            return direct, ""
        path = self.environ.get(f"{name}_FILE", "")
        if not path:
            return "", f"{name} is empty"
        try:
            secret = _text(Path(path).read_bytes())
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise  # this says nothing of the file: what is known of it stays
            return "", f"{name}_FILE names a file that cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            return "", f"{name}_FILE names a file that is no text"
        return secret, "" if secret else f"{name}_FILE names an empty file"


def secret_reader(environ: Mapping[str, str]) -> SecretReader:
    """The reader of the secrets in this environment."""
    return SecretReader(environ=environ)


def _text(raw: bytes) -> str:
    """A file's text in UTF-8, or in UTF-16 as Windows' shell writes it; without the mark at its beginning."""
    is_utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if is_utf_16 else "utf-8-sig").strip()
