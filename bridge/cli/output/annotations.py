"""Problems as continuous integration shows them: GitHub's annotations, and SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Problem


def github_line(problem: Problem) -> str:
    """A workflow command that annotates a line of a pull request.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
    """
    properties = {"file": problem.file, "line": problem.line, "col": problem.column, "title": problem.code}
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    return f"::{problem.severity} {shown}::{_data(_sentence(problem))}"


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """A SARIF 2.1.0 log of one run. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""
    driver = {
        "name": "Leadbridge",
        "semanticVersion": __version__,
        "rules": [{"id": code} for code in sorted({problem.code for problem in problems})],
    }
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(problem) for problem in problems]}],
    }


def _result(problem: Problem) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    place: dict[str, Any] = {"artifactLocation": {"uri": problem.file}}
    if problem.line:
        place["region"] = {name: value for name, value in region.items() if value}
    return {
        "ruleId": problem.code,
        "level": str(problem.severity),
        "message": {"text": _sentence(problem)},
        "locations": [{"physicalLocation": place}] if problem.file else [],
    }


def _sentence(problem: Problem) -> str:
    where = f"{problem.path}: " if problem.path else ""
    return f"{where}{problem.message}" + (f"; {problem.fix}" if problem.fix else "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
