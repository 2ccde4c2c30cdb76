"""Problems as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.cli.output.terminal import Styled, echo_line

if TYPE_CHECKING:
    from bridge.model import Problem


def print_problem(problem: Problem) -> None:
    """A problem as `file:line:column: severity: path: sentence`, and its fix below, line by line."""
    place = ":".join(str(part) for part in (problem.file, problem.line or "", problem.column or "") if part)
    severity = str(problem.severity)
    colour = "red" if severity == "error" else "yellow"
    echo_line(
        f"{place}: " if place else "",
        Styled(severity, colour),
        f": {problem.path}" if problem.path else "",
        f": {problem.message}",
    )
    for line in problem.fix.split("\n") if problem.fix else ():
        echo_line(f"    {line}")
