"""Consent: its own rule, answered wherever an action is named. Nothing counts as agreement but what is written here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bridge.expressions import compile_test, is_blank
from bridge.mapping.context import ShapeError
from bridge.mapping.values import sources
from bridge.mapping.values.conditions import Leaf, as_shown, named_test, written
from bridge.mapping.values.text import clean
from bridge.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.documents import Path
    from bridge.mapping.compiler import Build
    from bridge.mapping.context import Place, Run

    Evidence = list[dict[str, Any]]
    Rule = Callable[[Run, Evidence], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The compiled rule with the single conditions it is made of, or the reason why nobody is asked."""

    place: Place
    rule: Rule | None = None
    not_asked: str = ""
    asked: tuple[Leaf, ...] = ()


def decide(consent: Consent, run: Run) -> Mapping[str, Any] | None:
    """What was agreed to, as {source, wording, value, at}, or None.

    If the rule fails and a question it names is unknown to the form (or fits two), that is a problem: people would
    be ignored for ever because a question was renamed.
    """
    if consent.rule is None:
        return {"not_asked": consent.not_asked, "at": run.event.at}
    evidence: Evidence = []
    noted = len(run.warnings)
    if consent.rule(run, evidence):
        agreed: dict[str, Any] = evidence[0] | {"at": run.event.at}
        return agreed | {"also": evidence[1:]} if evidence[1:] else agreed
    for note in run.warnings[noted:]:
        message = f"consent cannot be told: {note.message}"
        run.problems.append(consent.place.problem(note.code, message, note.fix, Severity.ERROR))
    del run.warnings[noted:]
    return None


def compile_consent(node: Any, build: Build, path: Path) -> Consent:
    """Read `consent`: a condition whose default test is `agreed`, or {not_asked: reason}."""
    place = build.place(path)
    if isinstance(node, dict) and "not_asked" in node:
        if len(node) > 1:
            build.add(path, "two_consents", "`not_asked` stands alone", "remove it, or the condition next to it")
        return Consent(place=place, not_asked=build.text((*path, "not_asked"), node["not_asked"]))
    asked: list[Leaf] = []
    rule = _rule(node, build, path, asked)
    return Consent(place=place, rule=rule, asked=tuple(asked))


def _rule(node: Any, build: Build, path: Path, asked: list[Leaf]) -> Rule:
    if build.is_broken(path):
        return lambda run, evidence: False
    if isinstance(node, list):
        parts = [_rule(item, build, (*path, number), asked) for number, item in enumerate(node)]
        return lambda run, evidence: all(part(run, evidence) for part in parts)
    if isinstance(node, dict) and "any" in node:
        choices = [_rule(item, build, (*path, "any", number), asked) for number, item in enumerate(node["any"])]
        return lambda run, evidence: any(choice(run, evidence) for choice in choices)
    if isinstance(node, dict):
        return _leaf(node, build, path, asked)
    return _leaf({"from": build.text(path, node)}, build, path, asked)


def _leaf(node: Mapping[str, Any], build: Build, path: Path, asked: list[Leaf]) -> Rule:
    name = sources.named_source(node, build, path)
    test = (
        named_test({"agreed": True} | dict(node), build, path) if _tests(node) == 0 else named_test(node, build, path)
    )
    if not name or not test or not _is_agreement(test, node.get(test, True), build, path):
        return lambda run, evidence: False
    source_text = str(node[name])
    find = sources.compile_source(name, node, build, path)
    holds = compile_test(test, node.get(test, True))
    source = f"{name}: {source_text}"
    asked.append(Leaf(f"{source}, {test}: {written(node.get(test, True))}", find, holds))
    is_question = name == "answer"

    def rule(run: Run, evidence: Evidence) -> bool:
        value = find(run)
        if is_blank(value) or not holds(value):
            return False
        wording = _wording(source_text, run) if is_question else source_text
        evidence.append({"source": source, "wording": wording, "value": _shown(value)})
        return True

    return rule


def _tests(node: Mapping[str, Any]) -> int:
    return sum(name in node for name in ("is", "is_not", "in", "contains", "present", "agreed"))


def _is_agreement(test: str, expected: Any, build: Build, path: Path) -> bool:
    """False, with a problem, for a test that holds where nobody agreed to anything."""
    is_empty = expected is None or expected is False or (isinstance(expected, str) and not expected.strip())
    in_blank = isinstance(expected, list) and any(isinstance(item, str) and not item.strip() for item in expected)
    if test != "is_not" and not is_empty and not in_blank:
        return True
    message = f"`{test}` would hold for people who agreed to nothing"
    build.add((*path, test), "weak_consent", message, "test for the agreement itself: `agreed: true`, `is: ...`")
    return False


def _wording(question: str, run: Run) -> str:
    """What the person read: the question's text as the form has it, else the name it has in the mapping."""
    found = run.answered[question]
    label = run.event.answers[found[0]].label if len(found) == 1 else ""
    return _worded(label) if label else question


@lru_cache(maxsize=256)
def _worded(label: str) -> str:
    return clean(label)[:500]


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    try:
        return as_shown(value)
    except ShapeError:
        return ""
