"""The secrets that mappings name: variables, files that NAME_FILE names, or files in the folder of secrets.

The folder suits Docker's and Kubernetes' mounted secrets (https://kubernetes.io/docs/concepts/configuration/secret/)
and systemd's credentials (https://systemd.io/CREDENTIALS/): each file bears the name that the mapping uses. It is read
again whenever a secret is asked for, links followed, so what is swapped below it counts at once.
"""

from __future__ import annotations

import codecs
import errno
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.config.exposure import is_exposed

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRETS_FOLDER: Final = "LEADBRIDGE_SECRETS"
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


@dataclass(frozen=True, slots=True)
class SecretReader:
    """Reads secrets by name, white space around them removed: no sender has any, editors and shells add it."""

    environ: Mapping[str, str] = field(repr=False)
    read: set[str] | None = None
    """Where the names of the secrets that are read are noted, if anywhere."""

    def __call__(self, name: str) -> str:
        """The secret of this name; "" when there is none, see `why_empty`.

        NAME wins over NAME_FILE, and both over the folder. Raises OSError when descriptors are used up.
        """
        if self.read is not None:
            self.read.add(name)
        return self._read(name)[0]

    def why_empty(self, name: str) -> str:
        """Why there is no secret of this name, as a sentence; "" when there is one."""
        return self._read(name)[1]

    def exposed_file(self, name: str) -> str:
        """The file of this secret if anybody on this host can read it, else ""."""
        path = self._file(name)
        return str(path) if path is not None and self(name) and is_exposed(path) else ""

    def how_to_set(self, name: str) -> str:
        """What to do to set the secret of this name."""
        folder = self.environ.get(SECRETS_FOLDER, "")
        if folder:
            return f"put it into the file {Path(folder) / name}; no restart is needed"
        return f"set {name} or {name}_FILE for the service and restart it, or name a folder by {SECRETS_FOLDER}"

    def _read(self, name: str) -> tuple[str, str]:
        prefix = self.environ.get(SECRETS_PREFIX, "")
        if refused := refused_name(name):
            return "", refused
        if not name.startswith(prefix):
            return "", f"{name} does not start with {prefix}, as {SECRETS_PREFIX} asks"
        if direct := self.environ.get(name, "").strip():
            return direct, ""
        path = self._file(name)
        return _read_file(path) if path is not None else ("", f"{name} is empty")

    def _file(self, name: str) -> Path | None:
        """The file that holds this secret, None where it is in a variable or nowhere."""
        path, folder = self.environ.get(f"{name}_FILE", ""), self.environ.get(SECRETS_FOLDER, "")
        if self.environ.get(name, "").strip() or not (path or folder):
            return None
        return Path(path) if path else Path(folder) / name


def _read_file(path: Path) -> tuple[str, str]:
    """The secret in a file, or why there is none, as a sentence."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return "", f"{path} is not a file"
        if found.st_mode & stat.S_IWOTH:
            return "", f"{path} can be written by anyone: chmod o-w"
        secret = _text(path.read_bytes())
    except FileNotFoundError:
        return "", f"there is no file {path}"
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise  # this says nothing of the file: what is known of it stays
        return "", f"{path} cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return "", f"{path} is not text"
    return secret, "" if secret else f"{path} is empty"


def _text(raw: bytes) -> str:
    """A file's text in UTF-8, or in UTF-16 as Windows' shell writes it; without the byte order mark."""
    is_utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if is_utf_16 else "utf-8-sig").strip()
