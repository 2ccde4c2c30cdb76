"""The sample bodies of every preset: the one that ships with the product, and the tests' own."""

from __future__ import annotations

from pathlib import Path

from bridge.intake.samples import SHIPPED

OWN = Path(__file__).with_name("unit") / "presets" / "samples"
SAMPLES = sorted([*SHIPPED.glob("*.json"), *OWN.glob("*.json")], key=lambda path: path.name)


def sample_file(name: str) -> Path:
    """The file of this name, wherever it stands."""
    return next(path for path in SAMPLES if path.stem == name)
