"""The mappings that ship, their examples, and the schema next to the code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

import bridge
from bridge.documents import load
from bridge.intake.parse import parse
from bridge.intake.preset import Preset, load_presets, read_events
from bridge.intake.verification.scheme import NoVerification, roles
from bridge.intake.verification.scheme_document import read_scheme
from bridge.intake.verification.verify import verify
from bridge.mapping import schema
from bridge.mapping.compile import load_mapping
from bridge.mapping.examples import Payload, run_examples
from bridge.mapping.hook_mapping import PresetSummary
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.model import Event

ROOT = Path(bridge.__file__).parent.parent
SHIPPED = sorted(path for path in (ROOT / "examples").glob("*.yaml") if not path.name.endswith(".examples.yaml"))


@cache
def presets() -> dict[str, Preset]:
    found, problems = load_presets(ROOT / "bridge" / "presets")
    assert problems == []
    return found


@cache
def summaries() -> dict[str, PresetSummary]:
    return {
        name: PresetSummary(
            name=name,
            roles=frozenset() if preset.verify is None else roles(preset.verify),
            verified=preset.verify is not None,
        )
        for name, preset in presets().items()
    }


def reader(preset: Preset) -> Callable[[Payload], tuple[Event, ...]]:
    def read(payload: Payload) -> tuple[Event, ...]:
        request = Request(
            hook="test",
            method="POST",
            url="https://example.com/hooks/test",
            headers=payload.headers,
            query=payload.query,
            body=payload.body,
            received_at=0,
        )
        verified = verify(request, NoVerification(), {}, now=0)
        return read_events(preset, verified, parse(verified, preset.body))

    return read


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_mapping_has_no_problems_and_its_examples_pass(path: Path) -> None:
    mapping, problems = load_mapping(path.read_text(), file=str(path), name=path.stem, presets=summaries())
    assert problems == []
    assert mapping is not None
    examples = path.with_suffix(".examples.yaml")
    results, problems = run_examples(
        mapping, examples.read_text(), file=str(examples), read=reader(presets()[mapping.preset])
    )
    assert problems == []
    assert {result.name: result.differences for result in results if not result.passed} == {}
    assert len(results) >= 3


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_mappings_verification_can_be_read_by_intake(path: Path) -> None:
    node = load(path.read_text(), file="").data
    if "verify" in node:
        scheme = read_scheme(node["verify"], "verify")
        assert not isinstance(scheme, list)
        assert set(node["secrets"]) == set(roles(scheme))


def test_the_checked_in_schema_is_fresh() -> None:
    assert schema.FILE.read_text(encoding="utf-8") == schema.as_text()


def test_the_schema_is_a_schema_and_describes_every_key() -> None:
    built = schema.build()
    Draft202012Validator.check_schema(built)
    undescribed = [
        f"{where}.{name}"
        for where, node in _objects(built, "")
        for name, value in node["properties"].items()
        if "description" not in value and "$ref" not in value
    ]
    assert undescribed == []


def _objects(node: object, where: str) -> list[tuple[str, dict[str, dict[str, dict[str, object]]]]]:
    found = []
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("type") == "object" and "required" not in node:
            found.append((where, node))
        for key, value in node.items():
            found += _objects(value, f"{where}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            found += _objects(value, f"{where}/{number}")
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_an_editor_accepts_a_shipped_mapping(path: Path) -> None:
    node = load(path.read_text(), file="").data
    Draft202012Validator(json.loads(schema.FILE.read_text())).validate(node)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_mapping_names_the_schema_on_its_first_line(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.partition("=")[2]).resolve() == schema.FILE.resolve()
