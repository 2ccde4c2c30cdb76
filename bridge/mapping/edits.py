"""The edits that problems offer, tried: one that leads to a worse file is not offered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bridge.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.model import Problem

    Load = Callable[[str], tuple[Sequence[Problem], Sequence[Problem]]]
    """From a text to its problems, and to those among them that are of YAML."""

TRIED: Final = 20
"""So many edits of one file are tried: each is a reading of the whole file."""

_WORSE: Final = frozenset({"unknown_key", "wrong_type", "empty", "duplicate_key", "internal"})
"""What an edit must not lead to, unless that has an edit in its turn."""


def with_good_edits(problems: Sequence[Problem], accidents: Sequence[Problem], text: str, load: Load) -> list[Problem]:
    """The problems of a file's text, without the edits that do not end their problem, or break another part.

    What takes the place of such an edit is the problem's `advice`. The `accidents` among the problems, which are those
    of YAML, are left alone: the rest of the file is seen only after they are corrected.
    """
    if all(one.edit is None for one in problems):
        return list(problems)
    before = {(one.code, one.message) for one in problems}
    of_yaml = {(one.code, one.line) for one in accidents}
    judged = [number for number, one in enumerate(problems) if one.edit and (one.code, one.line) not in of_yaml]
    tried = {number: _tried(problems[number], text, before, load) for number in judged[:TRIED]}
    return [tried.get(number, one) for number, one in enumerate(problems)]


def _tried(problem: Problem, text: str, before: set[tuple[str, str]], load: Load) -> Problem:
    if problem.edit is None:
        return problem
    after, accidents = load(problem.edit.apply(text))
    is_gone = all((one.code, one.path, one.line) != (problem.code, problem.path, problem.line) for one in after)
    new = [one for one in after if (one.code, one.message) not in before and one.severity is Severity.ERROR]
    is_yaml = {one.code for one in accidents}.isdisjoint(one.code for one in new)
    dead_ends = [one for one in new if one.edit is None and one.code in _WORSE]
    is_worse = bool(new if problem.code == "empty" else dead_ends)  # what must be there is not removed
    if is_gone and is_yaml and not is_worse:
        return problem
    return replace(problem, edit=None, fix=problem.advice or problem.fix)
