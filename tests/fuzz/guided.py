"""Coverage-guided fuzzing of all targets: `python -m tests.fuzz --seconds 600 [TARGET ...]`.

Each target runs in a process of its own, from its corpus in tests/fuzz/corpus, which gains the smallest inputs that run
lines no other runs. An input that shows a defect is written to tests/fuzz/finds/TARGET, and a test replays it from then
on. Ends with 1 when there is one. Needs atheris (`make fuzz` installs it).
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.fuzz.targets import ROOT, TARGETS, seeds

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import FrameType

CORPUS: Final = ROOT / "tests/fuzz/corpus"
FINDS: Final = ROOT / "tests/fuzz/finds"
MAX_LEN: Final = 4096

CHILD: Final = """
import sys, warnings
import atheris
warnings.simplefilter("ignore")
with atheris.instrument_imports(include=["bridge"]):
    from tests.fuzz.targets import TARGETS
target = TARGETS[sys.argv.pop(1)]
atheris.Setup(sys.argv, target)
atheris.Fuzz()
"""


@dataclass(frozen=True, kw_only=True)
class Fuzzed:
    """What became of a target: how often it ran, the edges of code reached, inputs in its corpus, and defects."""

    executions: int
    edges: int
    corpus: int
    finds: int


def main() -> int:
    """Fuzz, print a line a target, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all of them by default")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    options = parser.parse_args()
    print(f"{'target':<16}{'executions':>12}{'edges':>8}{'corpus':>8}{'finds':>7}", flush=True)
    finds = 0
    for name in options.targets or TARGETS:
        done = fuzz(name, options.seconds)
        print(f"{name:<16}{done.executions:>12,}{done.edges:>8,}{done.corpus:>8}{done.finds:>7}", flush=True)
        finds += done.finds
    return 1 if finds else 0


def fuzz(name: str, seconds: int) -> Fuzzed:
    """Fuzz a target for so long, and let its corpus grow."""
    folder, found = CORPUS / name, FINDS / name
    for path in (folder, found):
        path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        grown = Path(scratch)
        for seed in seeds(name):
            (grown / _name(seed[:MAX_LEN])).write_bytes(seed[:MAX_LEN])
        options = [f"-max_len={MAX_LEN}", f"-artifact_prefix={found}/", "-timeout=20", "-rss_limit_mb=2000"]
        ran = _child(name, str(grown), str(folder), f"-max_total_time={seconds}", "-print_final_stats=1", *options)
        inputs = {path.read_bytes() for part in (grown, folder) for path in part.iterdir()}
    _write_corpus(name, inputs)
    executions = re.findall(r"stat::number_of_executed_units: *(\d+)", ran) or re.findall(r"^#(\d+)", ran, re.MULTILINE)
    edges = re.findall(r"cov: (\d+)", ran)
    return Fuzzed(
        executions=int(executions[-1]),
        edges=int(edges[-1]),
        corpus=sum(1 for _ in folder.iterdir()),
        finds=sum(1 for _ in found.iterdir()),
    )


def _write_corpus(name: str, inputs: Collection[bytes]) -> None:
    """Write those inputs, the smallest first, that run a line which neither a seed nor one before them runs."""
    known: set[tuple[str, int]] = set()
    for seed in seeds(name):
        known |= _lines(name, seed)
    for path in (CORPUS / name).iterdir():
        path.unlink()
    for data in sorted(inputs, key=lambda one: (len(one), one)):
        lines = _lines(name, data)
        if not lines <= known:
            known |= lines
            (CORPUS / name / _name(data)).write_bytes(data)


def _lines(name: str, data: bytes) -> set[tuple[str, int]]:
    """The lines of bridge/ that a target runs with an input."""
    lines: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if "/bridge/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        with suppress(Exception):
            TARGETS[name](data)
    finally:
        sys.settrace(None)
    return lines


def _name(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _child(*arguments: str) -> str:
    command = [sys.executable, "-c", CHILD, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr
