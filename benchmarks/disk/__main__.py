"""`python -m benchmarks.disk FOLDER SECONDS`: how often a second 4 KB can be appended to a file there and synced."""

from __future__ import annotations

import os
import sys
import time
from tempfile import TemporaryFile

PAGE = bytes(4096)


def main() -> None:
    """Measure and print one number."""
    folder, seconds = sys.argv[1], float(sys.argv[2])
    with TemporaryFile(dir=folder) as file:
        count, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            os.write(file.fileno(), PAGE)
            os.fdatasync(file.fileno())
            count += 1
    sys.stdout.write(f"{count / elapsed}\n")


if __name__ == "__main__":
    main()
