"""Consent: its own rule, answered wherever an action is named. Nothing counts as agreement but what is written here."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.expressions import agreement, as_text, chosen, comparable, compile_test, declines, is_blank, outline
from bridge.mapping.context import FormatError
from bridge.mapping.values import sources
from bridge.mapping.values.conditions import Leaf, as_shown, named_test, written
from bridge.mapping.values.text import clean
from bridge.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Place, Run

    Rule = Callable[[Run, "Evidence"], bool]


@dataclass(slots=True)
class Evidence:
    """What the conditions found: agreements as {source, wording, value}, and answers that say neither yes nor no."""

    agreed: list[dict[str, Any]] = field(default_factory=list)
    unclear: list[tuple[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The compiled rule with the single conditions it is made of, or the reason why nobody is asked."""

    place: Place
    rule: Rule | None = None
    not_asked: str = ""
    leaves: tuple[Leaf, ...] = ()


def decide(consent: Consent, run: Run) -> Mapping[str, Any] | None:
    """What was agreed to, as {source, wording, value, at}, or None.

    If the rule fails and a question it names is unknown to the form (or fits two), that is a problem: people would
    be ignored for ever because a question was renamed. An answer that says neither yes nor no is a warning.
    """
    if consent.rule is None:
        return {"not_asked": consent.not_asked, "at": run.event.at}
    evidence = Evidence()
    noted = len(run.warnings)
    if consent.rule(run, evidence):
        first, *others = evidence.agreed
        agreed: dict[str, Any] = first | {"at": run.event.at}
        return agreed | {"also": others} if others else agreed
    for note in run.warnings[noted:]:
        message = f"consent cannot be determined: {note.message}"
        run.problems.append(consent.place.problem(note.code, message, note.fix, Severity.ERROR))
    del run.warnings[noted:]
    for condition, value in evidence.unclear:
        message = f"consent is unclear, so it is none: `{condition}` found {outline(value)}"
        run.warn(consent.place, "unclear_consent", message, "compare with the text that means yes: `is: ...`")
    return None


def compile_consent(node: Any, build: Build, path: Path) -> Consent:
    """Read `consent`: a condition whose default test is `agreed`, or {not_asked: reason}."""
    place = build.place(path)
    if isinstance(node, dict) and "not_asked" in node:
        if len(node) > 1:
            build.add(
                path, "two_consents", "`not_asked` goes without a condition", "remove it, or the condition next to it"
            )
        return Consent(place=place, not_asked=build.text((*path, "not_asked"), node["not_asked"]))
    leaves: list[Leaf] = []
    rule = _rule(node, build, path, leaves)
    return Consent(place=place, rule=rule, leaves=tuple(leaves))


def _rule(node: Any, build: Build, path: Path, leaves: list[Leaf]) -> Rule:
    if build.is_broken(path):
        return lambda run, evidence: False
    if isinstance(node, list):
        parts = [_rule(item, build, (*path, number), leaves) for number, item in enumerate(node)]
        return lambda run, evidence: all(part(run, evidence) for part in parts)
    if isinstance(node, dict) and "any" in node:
        choices = [_rule(item, build, (*path, "any", number), leaves) for number, item in enumerate(node["any"])]
        return lambda run, evidence: any(choice(run, evidence) for choice in choices)
    if isinstance(node, dict):
        return _leaf(node, build, path, leaves)
    return _leaf({"from": build.text(path, node)}, build, path, leaves)


def _leaf(node: Mapping[str, Any], build: Build, path: Path, leaves: list[Leaf]) -> Rule:
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
    condition = f"{source}, {test}: {written(node.get(test, True))}"
    leaves.append(Leaf(condition, find, holds))
    is_question = name == "answer"
    wanted = node.get(test, True)
    expected = frozenset(filter(None, map(_letters, wanted if isinstance(wanted, list) else [wanted])))

    def rule(run: Run, evidence: Evidence) -> bool:
        value = find(run)
        if is_blank(value):
            return False
        agrees = holds(value)
        if not agrees and is_question and test == "agreed":
            agrees = agreement(value, _texts(source_text, run)) is True
        if agrees:
            wording = _wording(source_text, run) if is_question else source_text
            evidence.agreed.append({"source": source, "wording": wording, "value": _shown(value)})
        elif _is_unclear(test, value, expected):
            evidence.unclear.append((condition, value))
        return agrees

    return rule


def _is_unclear(test: str, value: Any, expected: Collection[str]) -> bool:
    """Whether a value that does not agree does not decline either.

    A choice among texts is clear, whatever it is; a tick where a text is expected, several choices, or a text with
    the `expected` one (as letters and digits) as a part, are not.
    """
    value = chosen(value)
    if is_blank(value) or declines(value):
        return False
    if test == "agreed" or isinstance(value, list | dict) or agreement(value) is True:
        return True
    text = _letters(value)
    return any(one in text for one in expected)


def _letters(value: Any) -> str:
    text = comparable(as_text(value))
    return "".join([letter for letter in unicodedata.normalize("NFKC", text) if letter.isalnum()])


def _texts(question: str, run: Run) -> frozenset[str]:
    """The texts of a box itself, which many plug-ins send as the value of a ticked one."""
    answers = [run.event.answers[place] for place in run.answered[question]]
    names = [name for answer in answers for name in (answer.label, answer.key, *answer.aliases)]
    return frozenset(map(comparable, filter(None, names)))


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
    if not found:
        return question
    answer = run.event.answers[found[0]]
    label = run.captions().get(answer.key, answer.label) if run.event.captions else answer.label
    return clean(label)[:500] if label else question


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    try:
        return as_shown(value)
    except FormatError:
        return ""
