"""`python -m tests.growth`: the processor time of all that test_work.py counts, at 1, 2, 4 and 8 times the size.

It sees what C does unseen by the counts. Nothing is judged: times on a busy machine vary, and what caches held at one
size and not at the next looks like a jump. The slowest come first.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from bridge import log
from tests.fuzz.targets import presets
from tests.growth.bodies import bodies
from tests.growth.readers import of_scheme as questions_of_scheme
from tests.growth.readers import readers
from tests.growth.requests import of_scheme, streams
from tests.growth.subjects import files, of_preset, paths, verbs
from tests.growth.work import growth
from tests.unit.presets.test_forgeries import SCHEMES

if TYPE_CHECKING:
    from tests.growth.bodies import Subject


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.growth", description=__doc__)
    parser.add_argument("--size", type=int, default=600, help="items at 1 time the size")
    parser.add_argument("--only", default="", help="only what has this in its name")
    options = parser.parse_args()
    log.configure(level="critical")
    subjects = [*bodies(), *(one for name in presets() for one in of_preset(name)), *paths(), *files(), *verbs()]
    subjects += [*streams(), *(one for name in SCHEMES for one in of_scheme(name))]
    subjects += [*readers(), *(one for name in SCHEMES for one in questions_of_scheme(name))]
    wanted = [one for one in subjects if options.only in one.name]
    rows = [(subject.name, times(subject, options.size)) for subject in wanted]
    print("| what | ms at 1, 2, 4, 8 times | growth (1 linear, 2 quadratic) |\n|---|---|---|")
    for name, found in sorted(rows, key=lambda row: -row[1][3]):
        figures = ", ".join(f"{one:.1f}" for one in found)
        print(f"| {name} | {figures} | {growth(found):.2f} |")


def times(subject: Subject, size: int) -> tuple[float, float, float, float]:
    """The least milliseconds of three runs, at each size."""
    one, two, four, eight = [min(_milliseconds(subject, size * factor) for _ in range(3)) for factor in (1, 2, 4, 8)]
    return one, two, four, eight


def _milliseconds(subject: Subject, size: int) -> float:
    given = subject.make(size)
    started = time.process_time_ns()
    subject.run(given)
    return (time.process_time_ns() - started) / 1e6


if __name__ == "__main__":
    main()
