"""YAML text -> a compiled mapping, or all that is wrong with it, at once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bridge import documents
from bridge.documents import closest
from bridge.mapping import schema, secrets, validate
from bridge.mapping.actions.action import ADDRESS, compile_actions
from bridge.mapping.actions.consent import compile_consent
from bridge.mapping.actions.withdrawal import compile_withdrawal
from bridge.mapping.build import Build
from bridge.mapping.edits import with_good_edits
from bridge.mapping.hook_mapping import DEFAULT_ACCEPT, HookMapping, PresetSummary
from bridge.mapping.reach import check_reach
from bridge.mapping.values import sources
from bridge.mapping.values.conditions import compile_condition
from bridge.mapping.values.fields import Field, check_name, compile_field
from bridge.mapping.values.formats import one_address
from bridge.mapping.values.habits import CHOICES, SYNONYMS
from bridge.mapping.values.kinds import check_possible
from bridge.mapping.values.verbs import described
from bridge.model import DEFAULT_ACCOUNT, Kind, Priority, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.documents import Document
    from bridge.mapping.context import Run, Source
    from bridge.model import Edit

HOOK_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")
_NO_LETTER: Final = re.compile(r"[\W_]+")
_LIKE_THE_ADDRESS: Final = frozenset({"leademail", "email", "mail", "emailaddress", "mailaddress", "leademailaddress"})
"""Names of fields that mean the address, without what is not a letter."""

_NEVER_LEADS: Final = frozenset({Kind.UNSUBSCRIBE, Kind.DELETION})


def load_mapping(
    text: str, *, file: str, name: str, presets: Mapping[str, PresetSummary]
) -> tuple[HookMapping | None, list[Problem]]:
    """Read one mapping file. `name` is the hook's name, `file` is shown in problems, `presets` are all there are.

    All problems come at once, in the order of the file; the mapping is None only if one of them is an error.
    """
    mapping, problems, accidents = _load(text, file=file, name=name, presets=presets)

    def load(changed: str) -> tuple[Sequence[Problem], Sequence[Problem]]:
        return _load(changed, file=file, name=name, presets=presets)[1:]

    return mapping, with_good_edits(problems, accidents, text, load)


def _load(
    text: str, *, file: str, name: str, presets: Mapping[str, PresetSummary]
) -> tuple[HookMapping | None, list[Problem], list[Problem]]:
    """The mapping, its problems, and those that its YAML had before anything else was looked at."""
    read = documents.load(text, file=file)
    build = Build(document=read, problems=list(read.found))
    mapping = None
    if not HOOK_NAME.fullmatch(name):
        build.add((), "hook_name", f"{name!r} cannot be a hook's name", "rename the file: letters, digits, - and _")
    if read.data is not None or not read.found:
        found, build.broken = schema.check(read)
        build.problems.extend(_unseen(found, read.found, found))
        if isinstance(read.data, dict):
            build.has_each = "each" in read.data
            schema_problems = len(build.problems)
            mapping = _compile(read.data, build, name, presets)
            build.problems[schema_problems:] = _unseen(build.problems[schema_problems:], read.found, found)
    problems = sorted(build.problems, key=lambda problem: (problem.line, problem.column))
    is_bad = any(problem.severity is Severity.ERROR for problem in problems)
    return (None if is_bad else mapping), problems, read.found


def _unseen(found: list[Problem], accidents: list[Problem], known: list[Problem]) -> list[Problem]:
    """Without those that an accident on the same line, or a misspelt key among those `known`, explains better."""
    explained = {problem.line for problem in accidents if problem.severity is Severity.ERROR}
    unknown = [problem for problem in known if problem.code == "unknown_key"]
    meant = {problem.fix for problem in unknown}
    of_action = {problem.path.rpartition(".")[0] for problem in unknown}
    return [
        problem
        for problem in found
        if problem.line not in explained
        and not (problem.code == "missing_key" and f"did you mean {problem.value!r}?" in meant)
        and not (problem.code in ("no_list", "no_journey") and problem.path in of_action)
    ]


def _compile(data: Mapping[str, Any], build: Build, name: str, presets: Mapping[str, PresetSummary]) -> HookMapping:
    _check_preset(data, build, presets)
    summary = presets.get(str(data.get("preset", "")))
    build.kinds = summary.kinds if summary is not None else build.kinds
    lead = _lead(data, build)
    nodes = data.get("actions")
    actions = compile_actions(nodes if isinstance(nodes, list) else (), [field.name for field in lead], build)
    _check_actions(data, build)
    accept = _accept(data, build)
    check_reach(data, accept, build)
    has_schema = "schema" in data and not build.is_broken(("schema",))
    return HookMapping(
        name=name,
        preset=str(data.get("preset", "")),
        place=build.place(()),
        verify=data.get("verify"),
        secrets=secrets.read(data, build, summary),
        fetch_token=secrets.read_fetch(data, build, summary),
        account=str(data.get("account", DEFAULT_ACCOUNT)),
        priority=Priority.BULK if data.get("priority") == "bulk" else Priority.LIVE,
        live=data.get("live", True) is True,
        refuse_with_422=data.get("refuse_with_422", False) is True,
        accept=accept,
        each=sources.path_source(data["each"], build, ("each",)) if _is_text(data, "each", build) else None,
        id_source=_id(data["id"], build) if "id" in data else None,
        id_names_item="item" in str(data.get("id", "")),
        schema=validate.body_validator(data["schema"], build, ("schema",)) if has_schema else None,
        consent=compile_consent(data["consent"], build, ("consent",)) if data.get("consent") is not None else None,
        withdrawal=compile_withdrawal(data["withdraw"], build, ("withdraw",)) if _is_withdrawing(data, build) else None,
        when=compile_condition(data["when"], build, ("when",)) if "when" in data else None,
        lead=lead,
        actions=actions,
        questions=tuple(dict.fromkeys(build.questions)),
        headers=frozenset(build.headers),
        queries=frozenset(build.queries),
        order=_order(data),
    )


def _is_text(data: Mapping[str, Any], key: str, build: Build) -> bool:
    return isinstance(data.get(key), str) and not build.is_broken((key,))


def _is_withdrawing(data: Mapping[str, Any], build: Build) -> bool:
    return isinstance(data.get("withdraw"), dict) and ("withdraw",) not in build.broken


def _check_preset(data: Mapping[str, Any], build: Build, presets: Mapping[str, PresetSummary]) -> None:
    if "preset" not in data or build.is_broken(("preset",)):
        return
    name = str(data["preset"])
    summary = presets.get(name)
    if summary is None:
        near = next((one for one in (CHOICES.get(name.casefold(), ""), closest(name, presets)) if one in presets), "")
        build.add(
            ("preset",),
            "unknown_preset",
            f"unknown preset {name!r}",
            f"did you mean {near!r}?" if near else "the page Try and `leadbridge presets` list the senders",
            value=name,
            edit=build.document.at_value(("preset",), near) if near else None,
        )
    elif not summary.verified and "verify" not in data:
        message = f"the preset {name!r} does not know how its sender authenticates"
        fix = "add `verify:`, for example `verify: {query_token: token}`; `verify: none` accepts requests from anyone"
        edit = build.document.at_line(build.document.place(("preset",))[0] + 1, "verify: {query_token: token}")
        build.add(("preset",), "no_verify", message, fix, edit=edit)


def _lead(data: Mapping[str, Any], build: Build) -> tuple[Field, ...]:
    nodes = data.get("lead")
    if not isinstance(nodes, dict):
        return ()
    found = []
    folded: dict[str, str] = {}
    for name, node in nodes.items():
        _check_name(name, folded, build)
        field = compile_field(name, node, build, ("lead", name))
        if field is not None and name == ADDRESS:
            field = replace(field, steps=(*field.steps, lambda value, run: one_address(value)))
        if field is not None:
            found.append(field)
    return tuple(sorted(found, key=lambda field: field.name != ADDRESS))


def _check_name(name: str, folded: dict[str, str], build: Build) -> None:
    path = ("lead", name)
    twin = folded.setdefault(name.casefold(), name)
    if twin != name:
        message = f"{name!r} and {twin!r} are one field to Zoho"
        build.add(path, "twin_field", message, "keep one of them", value=name, at_key=True)
    check_name(name, build, path)


def _check_actions(data: Mapping[str, Any], build: Build) -> None:
    """What must be there as soon as an action is named: the address and an answer about consent."""
    if not data.get("actions"):
        if not data.get("withdraw"):
            fix = "add `actions:` with a subscribe"
            build.warn((), "no_actions", "no action is named, so every event is ignored", fix)
        return
    lead = data.get("lead")
    names = list(lead) if isinstance(lead, dict) else []
    is_known = isinstance(lead, dict) or (lead is None and not _is_meant("lead", data))
    is_nested = isinstance(lead, dict) and any(isinstance(one, dict) and ADDRESS in one for one in lead.values())
    if ADDRESS not in names and is_known and not is_nested:
        near = next((name for name in names if _NO_LETTER.sub("", name.casefold()) in _LIKE_THE_ADDRESS), "")
        message = f"the field {ADDRESS!r} is missing: a lead is identified by it"
        edit = build.document.at_key(("lead", near), ADDRESS) if near else _address_line(build.document, lead)
        fix = f"rename {near!r} to {ADDRESS!r}" if near else f"add `{ADDRESS}: contact.email`"
        build.add(("lead",), "no_address", message, fix, edit=edit)
    if data.get("consent") is None and not _is_meant("consent", data):
        fix = "add `consent: {answer: ...}`, or `consent: {not_asked: why}` if nobody is asked"
        line = build.document.keys[("actions",)][0]
        edit = build.document.at_line(line, "consent: {answer: The question of the form}")
        message = "actions are named and nothing is said about consent"
        build.add(("actions",), "no_consent_rule", message, fix, edit=edit)


def _is_meant(key: str, data: Mapping[str, Any]) -> bool:
    """Whether another key of the file is this one, misspelt or in another product's word."""
    others = data.keys() - {key}
    return bool(closest(key, others, cutoff=0.75)) or any(key in SYNONYMS.get(other.casefold(), ()) for other in others)


def _address_line(document: Document, lead: Any) -> Edit | None:
    """The edit that adds the address to the fields of the lead."""
    if lead is None and ("lead",) not in document.keys:
        return document.at_line(document.keys[("actions",)][0], f"lead:\n  {ADDRESS}: contact.email")
    if not isinstance(lead, dict) or not lead:
        return None
    line, column = document.values[("lead",)]
    if document.keys[("lead",)][0] == line:
        return document.at_value(("lead",), f"{{{ADDRESS}: contact.email, {document.source(('lead',))[1:]}")
    return document.at_line(line, f"{' ' * (column - 1)}{ADDRESS}: contact.email")


def _accept(data: Mapping[str, Any], build: Build) -> frozenset[Kind]:
    if "accept" not in data or build.is_broken(("accept",)):
        return DEFAULT_ACCEPT
    kinds = frozenset(Kind(str(kind)) for kind in data["accept"])
    for kind in sorted(kinds & _NEVER_LEADS):
        number = data["accept"].index(str(kind))
        message = f"{kind!s} events are about people who want to leave; they can never become leads"
        fix = "remove it from `accept`; `withdraw:` says what is done for these people"
        build.add(("accept", number), "never_a_lead", message, fix, value=str(kind))
    check_possible(kinds, build, ("accept",))
    return kinds


def _id(node: Any, build: Build) -> Source | None:
    """The event's id: a path, a source with verbs, or a template: "{body.order}-{type}"."""
    if not isinstance(node, str) or "{" not in node:
        field = compile_field("id", node, build, ("id",))
        return None if field is None else field.value
    pieces = _PLACEHOLDER.split(node)
    fields = [compile_field("id", path, build, ("id",)) for path in pieces[1::2]]
    parts = [field for field in fields if field is not None]

    def fill(run: Run) -> str:
        values = [part.value(run) for part in parts]
        if not all(values):
            return ""
        return "".join(text + value for text, value in zip(pieces[::2], [*values, ""], strict=True))

    return fill if len(parts) == len(fields) else None


def _order(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    lead = data.get("lead")
    return (
        {name: described(node) for name, node in lead.items() if isinstance(node, dict)}
        if isinstance(lead, dict)
        else {}
    )
