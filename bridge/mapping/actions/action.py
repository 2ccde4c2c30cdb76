"""Actions: what is done for a lead. Each holds all that concerns it: where to, when, with which fields."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from bridge.documents import did_you_mean
from bridge.mapping.actions.contradictions import Written, check_contradictions
from bridge.mapping.context import ROOTS
from bridge.mapping.values.conditions import compile_condition
from bridge.mapping.values.fields import Field, check_name, compile_field, fixed_text
from bridge.mapping.values.rewrites import check_fixed
from bridge.mapping.values.text import clean
from bridge.model import OnDoubt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bridge.documents import Document, Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Condition, Place, Run
    from bridge.model import Edit

SUBSCRIBE: Final = "subscribe"
TRIGGER: Final = "trigger"
UNSUBSCRIBE: Final = "unsubscribe"
DO_NOT_MAIL: Final = "do_not_mail"
TAG: Final = "tag"
UNTAG: Final = "untag"
ADD_LEADS: Final = "add_leads"
"""What a subscribe with `bulk` becomes when nothing but the address is sent."""

ADDRESS: Final = "Lead Email"
"""The field that names the person; see https://www.zoho.com/marketingautomation/help/developers/v1/lead-subscribe.html"""

PARTS: Final = (
    *("list", "listkey", "journey", "journeykey", "triggerkey", "sources", "topics"),
    *("name", "create"),
)
"""What an action's target is made of, as the mapping writes it; `name` and `create` are those of a tag."""

ALL: Final = (SUBSCRIBE, TRIGGER, UNSUBSCRIBE, DO_NOT_MAIL, TAG, UNTAG)
WITHDRAWING: Final = (UNSUBSCRIBE, DO_NOT_MAIL, UNTAG)
"""What may be done for somebody who withdraws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One compiled action. `parts` are its target's parts, each a field of its own; `number` counts from 1.

    `texts` gives for an event the texts of all PARTS in their order, blank for those that are not written.
    `doubt_is_answered` says whether the mapping writes out what to do after a call without an answer.
    """

    number: int
    api: str
    place: Place
    parts: Mapping[str, Field]
    when: Condition | None = None
    fields: tuple[Field, ...] = ()
    without: frozenset[str] = frozenset()
    on_doubt: OnDoubt = OnDoubt.RESEND
    doubt_is_answered: bool = False
    bulk: bool = False
    texts: Callable[[Run], tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile `texts`."""
        object.__setattr__(self, "texts", _read_texts(self.parts))  # the dataclass is frozen; this is still its making


def _read_texts(parts: Mapping[str, Field]) -> Callable[[Run], tuple[str, ...]]:
    if all(part.fixed for part in parts.values()):
        texts = tuple(parts[name].fixed if name in parts else "" for name in PARTS)
        return lambda run: texts
    values = [parts[name].value if name in parts else fixed_text("") for name in PARTS]
    return lambda run: tuple([value(run) for value in values])


def compile_actions(
    nodes: Sequence[Any], lead_names: Sequence[str], build: Build, at: Path = ("actions",), among: Sequence[str] = ALL
) -> tuple[Action, ...]:
    """Read the list of actions at a path in order; a trigger may lean on the list of a subscribe above it."""
    actions: list[Action] = []
    written: list[Written] = []
    for number, node in enumerate(nodes):
        path: Path = (*at, number)
        if not isinstance(node, dict) or build.is_broken(path):
            continue
        if len(node) != 1:
            message = f"an action is one of {', '.join(among)}; here are {len(node)}"
            edit = _with_dashes(build.document, path, node) if node else None
            fix = "" if edit is not None else "start each action with a dash of its own"
            build.add(path, "two_actions", message, fix, edit=edit)
            continue
        api = next(iter(node))
        written.append(Written(number + 1, api, _written_out(node[api]), (*path, api)))
        actions.append(_action(*written[-1], lead_names, build))
        _check(actions[-1], actions[:-1], build, (*path, api))
    check_contradictions(written, build)
    return tuple(actions)


def _written_out(node: Any) -> Mapping[str, Any]:
    """An action with all its keys: `do_not_mail: true` has none, `tag: VIP` is its name alone."""
    if isinstance(node, dict):
        return node
    return {} if isinstance(node, bool) else {"name": node}


def _with_dashes(document: Document, path: Path, node: Mapping[str, Any]) -> Edit | None:
    """A block of several actions below one dash, each with its own."""
    first, *others = (document.keys[(*path, key)] for key in node)
    source = document.source(path)
    if source.startswith("{") or any(column != first[1] for _, column in others):
        return None
    starts, lines = {line - first[0] for line, _ in others}, source.splitlines()
    dashed = [
        f"{text[: first[1] - 3]}- {text[first[1] - 1 :]}" if n in starts else text for n, text in enumerate(lines)
    ]
    return document.at_value(path, "\n".join(dashed))


def _action(
    number: int, api: str, node: Mapping[str, Any], path: Path, lead_names: Sequence[str], build: Build
) -> Action:
    fields = _fields(node.get("fields", {}), build, (*path, "fields"))
    names = [*lead_names, *(one.name for one in fields)]
    return Action(
        number=number,
        api=api,
        place=build.place(path),
        parts=_parts(node, build, path),
        when=compile_condition(node["when"], build, (*path, "when")) if "when" in node else None,
        fields=fields,
        without=_without(node.get("without", ()), names, build, (*path, "without")),
        on_doubt=OnDoubt(node.get("on_doubt", "resend")),
        doubt_is_answered="on_doubt" in node,
        bulk=node.get("bulk", False) is True,
    )


def _parts(node: Mapping[str, Any], build: Build, path: Path) -> dict[str, Field]:
    texts = {name: _part(name, node[name], build, (*path, name)) for name in PARTS if name in node and name != "create"}
    if node.get("create") is True:
        texts["create"] = Field(name="create", place=build.place(path), source=lambda run: "yes", fixed="yes")
    return texts


def _fields(nodes: Mapping[str, Any], build: Build, path: Path) -> tuple[Field, ...]:
    if ADDRESS in nodes:
        message = f"{ADDRESS} is the same for all actions of an event"
        build.add((*path, ADDRESS), "address_in_fields", message, "set it under `lead`", at_key=True)
    for name in nodes:
        check_name(name, build, (*path, name))
    found = [compile_field(name, node, build, (*path, name)) for name, node in nodes.items()]
    return tuple(one for one in found if one is not None)


def _part(name: str, node: Any, build: Build, path: Path) -> Field:
    """A part of the target. A bare text is the name or key itself, not a path; what must be known is required."""
    required = name not in ("sources", "topics")
    if isinstance(node, dict):
        found = compile_field(name, node, build, path)
        if found is not None:
            return replace(found, required=required)
    if isinstance(node, list):
        text = ",".join(build.text((*path, number), item) for number, item in enumerate(node))
    else:
        text = build.text(path, node)
        check_fixed(text, build, path)
        if text.partition(".")[0] in ROOTS and "." in text:
            message = f"{text!r} is sent as fixed text here, and looks like a path"
            build.warn(path, "looks_like_path", message, f"if a path is meant, write {{from: {text}}}", value=text)
    place, fixed = build.place(path), clean(text)
    return Field(
        name=name, place=place, source=lambda run: text, required=required, fixed=fixed, texts=((fixed, place),)
    )


def _without(names: Sequence[Any], known: Sequence[str], build: Build, path: Path) -> frozenset[str]:
    for number, name in enumerate(names):
        if name == ADDRESS:
            build.add((*path, number), "without_address", f"{ADDRESS} cannot be left out", "remove it from `without`")
        elif name not in known:
            fix = did_you_mean(str(name), known)
            build.add(
                (*path, number), "unknown_field", f"there is no field {name!r} to leave out", fix, value=str(name)
            )
    return frozenset(str(name) for name in names)


def _check(action: Action, above: Sequence[Action], build: Build, path: Path) -> None:
    parts = action.parts
    if "list" in parts and "listkey" in parts:
        build.add(path, "two_targets", "`list` and `listkey` name the list twice", "keep one of them")
    has_list = "list" in parts or "listkey" in parts
    if action.api in (SUBSCRIBE, UNSUBSCRIBE) and not has_list:
        build.add(path, "no_list", "it does not say which list is meant", "add `list: NAME` or `listkey: KEY`")
    if action.api != TRIGGER:
        return
    if not has_list and not any(other.api == SUBSCRIBE for other in above):
        message = "it names no list, and no subscribe above it has a list that it could use"
        build.add(path, "no_list", message, "add `list: NAME` or `listkey: KEY`")
    _check_journey(action, build, path)


def _check_journey(action: Action, build: Build, path: Path) -> None:
    parts = action.parts
    by_key = {"journeykey", "triggerkey"} & set(parts)
    if "journey" in parts and by_key:
        message = f"`journey` and `{min(by_key)}` name the journey twice"
        build.add(path, "two_targets", message, "keep `journey`, or both keys without it")
    elif "journey" not in parts and len(by_key) < 2:
        message = "it does not say which journey to trigger"
        build.add(path, "no_journey", message, "add `journey: NAME`, or `journeykey: KEY` and `triggerkey: KEY`")
