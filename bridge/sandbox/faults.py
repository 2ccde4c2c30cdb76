"""Faults on demand: what a test, or a curious user, can make the sandbox do wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from bridge.sandbox.state import known_as


class Kind(StrEnum):
    """The ways in which a call can go wrong."""

    SLOW = "slow"
    """Answer after `seconds`; with `processed` (the default) the call takes effect first, otherwise after the wait."""
    CUT = "cut"
    """Close the connection without an answer, after the call took effect (`processed`, the default) or before."""
    STATUS = "status"
    """Answer with HTTP `status` (500) and no body; `processed` says whether the call took effect (default: not)."""
    HTML = "html"
    """Answer with a web page and HTTP `status` (502)."""
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    """End the access token that the call brings, and answer 401."""
    LOCK = "lock"
    """Lock the API now, for its lock period or for `seconds`."""
    ERROR = "error"
    """Answer with `code` in the body."""
    JOURNEY_INACTIVE = "journey_inactive"
    LIST_DELETED = "list_deleted"


_APIS_OF = {Kind.JOURNEY_INACTIVE: ("trigger",), Kind.LIST_DELETED: ("subscribe", "trigger")}


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault that waits for its calls: of one API, of one lead.

    An empty `api` means every API that can have this kind of fault, an empty `lead` every call.
    `count` is how many calls it still poisons; None means until it is cleared.
    """

    kind: Kind
    api: str = ""
    seconds: float | None = None
    status: int | None = None
    code: str = ""
    count: int | None = None
    lead: str = ""
    processed: bool | None = None

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out all the same."""
        return self.kind in (Kind.SLOW, Kind.CUT) if self.processed is None else self.processed

    def concerns(self, api: str, leads: tuple[str, ...]) -> bool:
        """Whether a call of `api` with these leads (in lower case) is poisoned."""
        apis = (self.api,) if self.api else _APIS_OF.get(self.kind, (api,))
        return api in apis and (not self.lead or self.lead in leads)

    def as_json(self) -> dict[str, Any]:
        """The fault as it was given, with what is left of `count`."""
        return asdict(self)


@dataclass(slots=True)
class Faults:
    """The faults that are set, in the order in which they were set; the first that fits a call poisons it."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, api: str, leads: tuple[str, ...]) -> Fault | None:
        """The fault for a call of `api` with these leads (in lower case), or None. Uses up one of its `count`."""
        for fault in self.waiting:
            if fault.concerns(api, leads):
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            self.waiting.remove(fault)


_FORM: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "api": (str,),
    "seconds": (int, float, type(None)),
    "status": (int, type(None)),
    "code": (str, int),
    "count": (int, type(None)),
    "lead": (str,),
    "processed": (bool, type(None)),
}


def read_fault(value: Any, apis: tuple[str, ...]) -> Fault | list[str]:
    """The fault that a JSON object describes, or everything that is wrong with it. `apis` are the names known."""
    if not isinstance(value, dict):
        return ["a fault is a JSON object with a `kind`"]
    findings = _findings(value, apis)
    if findings:
        return findings
    parts = {**value, "kind": Kind(value["kind"])}
    parts["code"] = str(value.get("code", ""))
    parts["lead"] = known_as(value.get("lead", ""))
    return Fault(**parts)


def _findings(value: dict[str, Any], apis: tuple[str, ...]) -> list[str]:
    findings = [f"unknown key {key!r}; known: {', '.join(_FORM)}" for key in value if key not in _FORM]
    findings += [
        f"{key} cannot be {part!r}"
        for key, part in value.items()
        if key in _FORM and (not isinstance(part, _FORM[key]) or (isinstance(part, bool) and bool not in _FORM[key]))
    ]
    if value.get("kind") not in set(Kind):
        findings.append(f"kind {value.get('kind')!r} is unknown; known: {', '.join(Kind)}")
    if value.get("api", "") not in ("", *apis):
        findings.append(f"api {value['api']!r} is unknown; known: {', '.join(apis)}")
    if value.get("kind") == Kind.ERROR and not value.get("code"):
        findings.append("an error needs a code")
    if isinstance(value.get("count"), int) and value["count"] < 1:
        findings.append("count must be 1 or more, or null for every call")
    return findings
