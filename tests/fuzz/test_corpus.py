"""The fuzzing's corpus and its finds, replayed; and a short run of random changes to them without a fuzzer."""

from __future__ import annotations

import random
from typing import Final

import pytest

from tests.fuzz.targets import ROOT, TARGETS, seeds

SEED: Final = 20
CHANGES: Final = 300


def _inputs(target: str) -> list[bytes]:
    files = [path for part in ("corpus", "finds") for path in sorted((ROOT / "tests/fuzz" / part / target).glob("*"))]
    return [*seeds(target), *(path.read_bytes() for path in files)]


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_that_was_ever_found_shows_a_defect(target: str) -> None:
    inputs = _inputs(target)
    assert inputs
    for data in inputs:
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_changed_inputs_show_no_defect(target: str) -> None:
    chance = random.Random(SEED)
    inputs = _inputs(target)
    for _ in range(CHANGES):
        data = bytearray(chance.choice(inputs)[:4096] or b"x")
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(data))
            data[place : place + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
            data = data or bytearray(b"x")
        TARGETS[target](bytes(data))
