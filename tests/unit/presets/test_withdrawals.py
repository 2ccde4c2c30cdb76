"""Every preset whose sender reports people who leave says so, and a mapping written by that takes them off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bridge import intake, mapping
from bridge.authoring.flow import flow
from bridge.hooks.folder import load_presets
from bridge.intake.samples import SHIPPED as SHIPPED_SAMPLES
from bridge.mapping import PresetSummary, load_mapping
from bridge.model import Contact, Event, Kind
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.mapping import HookMapping

PRESETS = load_presets()
LEAVING = frozenset({Kind.UNSUBSCRIBE, Kind.DELETION})


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_that_knows_who_leaves_says_so(preset: intake.Preset) -> None:
    recipe = preset.recipe
    kinds = {*recipe.kinds.values(), *(kind for _, kind in (*recipe.rules, *recipe.patterns)), recipe.otherwise}
    assert bool(kinds & LEAVING) <= bool(preset.withdraw), "say under `withdraw` by what, or why nobody can know whom"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_what_a_preset_proposes_can_be_written(preset: intake.Preset) -> None:
    for number in range(len(_written(preset))):
        assert _mapping(preset, number).withdrawal is not None


@pytest.mark.parametrize("path", [*SAMPLES, *sorted(SHIPPED_SAMPLES.glob("*.json"))], ids=lambda path: path.stem)
def test_a_proposal_takes_off_those_who_leave_and_is_about_nobody_else(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    preset = PRESETS[case["preset"]]
    for shown in case["events"]:
        kind = Kind(shown["kind"])
        contact = Contact(**(shown.get("contact") or {}))
        event = Event(item=0, kind=kind, type=shown.get("type"), contact=contact)
        if kind not in LEAVING or not any("kind" in flow(write) for write in _written(preset)):
            continue
        outcomes = [mapping.apply(_mapping(preset, number), event) for number in range(len(_written(preset)))]
        assert not any(one.problems for one in outcomes), "no proposal is about events that name nobody"
        assert all(one.withdraws for outcome in outcomes for one in outcome.deliveries)


def _written(preset: intake.Preset) -> list[object]:
    return [write for _, write in preset.withdraw if write is not None]


def _mapping(preset: intake.Preset, number: int) -> HookMapping:
    text = f"""preset: {preset.name}
verify: none
withdraw:
  when: {flow(_written(preset)[number])}
  actions:
    - unsubscribe: {{list: Newsletter}}
"""
    summary = PresetSummary(name=preset.name, roles=frozenset(), verified=False)
    found, problems = load_mapping(text, file="x.yaml", name="x", presets={preset.name: summary})
    assert found is not None, problems
    return found
