"""A disk that is slow, or watched: a small library in C, put in front of a program's own file functions.

It needs a C compiler (`cc`) and Linux, and nothing of it is in the product.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = Path(__file__).with_name("shim.c")


class NoCompilerError(Exception):
    """There is no C compiler, so the library cannot be built."""


def compiler() -> str:
    """The path of the C compiler. Raises NoCompilerError."""
    found = shutil.which("cc")
    if found is None:
        raise NoCompilerError("there is no C compiler `cc`, to watch the disk or to slow it down; install gcc or clang")
    return found


def build(folder: Path) -> Path:
    """Compile the library into a folder; its path. Raises NoCompilerError."""
    library = folder / "disk.so"
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread"]
    subprocess.run([compiler(), *options, "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


def slow(library: Path, delay_ms: int) -> Mapping[str, str]:
    """What makes each sync of a program take `delay_ms` longer, for its environment."""
    return {"LD_PRELOAD": str(library), "DISK_DELAY_MS": str(delay_ms)}


def watched(library: Path, files: Path, traces: Path) -> Mapping[str, str]:
    """What makes a program write down in the folder `traces` all it does to files whose path starts with `files`.

    For its environment; `files` without symbolic links.
    """
    return {"LD_PRELOAD": str(library), "DISK_TRACED": str(files), "DISK_TRACE": str(traces)}


def syncs_a_second(folder: Path, seconds: float, environ: Mapping[str, str]) -> float:
    """How often the disk of a folder can sync 4 KB appended to a file, seen by a program with this environment."""
    command = [sys.executable, "-m", "benchmarks.disk", str(folder), str(seconds)]
    return float(subprocess.run(command, env=dict(environ), capture_output=True, check=True).stdout)
