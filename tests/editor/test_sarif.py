"""`leadbridge check --format sarif` against the schema of SARIF 2.1.0, as Microsoft's matchers for SARIF ship it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft4Validator

from bridge.cli.main import leadbridge

SCHEMA = Path(__file__).with_name("node_modules") / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
BROKEN = Path(__file__).parents[1] / "unit/mapping/broken"
UNREADABLE = "preset: [typeform\n"


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    if not SCHEMA.exists():
        assert not os.environ.get("CI"), "run `npm ci --prefix tests/editor`"
        pytest.skip("the schema of SARIF is not installed (npm ci --prefix tests/editor)")
    return Draft4Validator(json.loads(SCHEMA.read_text()))


def sarif(*paths: Path) -> dict[str, Any]:
    result = CliRunner().invoke(leadbridge, ["check", "--format", "sarif", *map(str, paths)])
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_every_report_of_broken_mappings_is_a_log_of_sarif(validator: Draft4Validator, tmp_path: Path) -> None:
    (tmp_path / "form ä.yaml").write_text(UNREADABLE)
    (tmp_path / "gut.yaml").write_text("preset: qqqq\n")
    for paths in ((BROKEN,), (tmp_path,), tuple(sorted(BROKEN.glob("*.yaml")))):
        log = sarif(*paths)
        assert [error.message for error in validator.iter_errors(log)] == []
        assert log["runs"][0]["results"]


def test_the_report_of_good_mappings_is_one_as_well(validator: Draft4Validator) -> None:
    log = sarif(Path(__file__).parents[2] / "examples")
    assert [error.message for error in validator.iter_errors(log)] == []


def test_the_schema_refuses_what_is_not_sarif(validator: Draft4Validator) -> None:
    log = sarif(BROKEN)
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator.is_valid(log)
