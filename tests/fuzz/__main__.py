"""Coverage-guided fuzzing of all targets: `python -m tests.fuzz --seconds 600 [TARGET ...]`.

Each target runs in a process of its own, from its corpus in tests/fuzz/corpus, which keeps what found new code. An
input that shows a defect is written to tests/fuzz/finds/TARGET, and a test replays it from then on. Ends with 1 when
there is one. Needs atheris (`make fuzz` installs it).
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.fuzz.targets import ROOT, TARGETS, seeds

CORPUS: Final = ROOT / "tests/fuzz/corpus"
FINDS: Final = ROOT / "tests/fuzz/finds"
MAX_LEN: Final = 4096
MAX_FILES: Final = 150
"""So many inputs of a corpus are stored, the smallest: each reached code that none before it had reached."""

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


def main() -> int:
    """Fuzz, print a line a target, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all of them by default")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    options = parser.parse_args()
    print(f"{'target':<16}{'executions':>12}{'edges':>8}{'corpus':>8}{'finds':>7}", flush=True)
    finds = sum(_fuzz(name, options.seconds) for name in options.targets or TARGETS)
    return 1 if finds else 0


def _fuzz(name: str, seconds: int) -> int:
    folder, found = CORPUS / name, FINDS / name
    for path in (folder, found):
        path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        grown = Path(scratch)
        known = {_name(seed[:MAX_LEN]): seed[:MAX_LEN] for seed in seeds(name)}
        for file, seed in known.items():
            (grown / file).write_bytes(seed)
        options = [f"-max_len={MAX_LEN}", f"-artifact_prefix={found}/", "-timeout=20", "-rss_limit_mb=2000"]
        ran = _child(name, str(grown), str(folder), f"-max_total_time={seconds}", "-print_final_stats=1", *options)
        for path in grown.iterdir():
            if path.name not in known:
                (folder / path.name).write_bytes(path.read_bytes())
    for surplus in sorted(folder.iterdir(), key=lambda path: path.stat().st_size)[MAX_FILES:]:
        surplus.unlink()
    executions = re.findall(r"stat::number_of_executed_units: *(\d+)", ran) or re.findall(r"^#(\d+)", ran, re.MULTILINE)
    edges = re.findall(r"cov: (\d+)", ran)
    finds = sum(1 for _ in found.iterdir())
    files = sum(1 for _ in folder.iterdir())
    print(f"{name:<16}{int(executions[-1]):>12,}{int(edges[-1]):>8,}{files:>8}{finds:>7}", flush=True)
    return finds


def _name(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _child(*arguments: str) -> str:
    command = [sys.executable, "-c", CHILD, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr


if __name__ == "__main__":
    sys.exit(main())
