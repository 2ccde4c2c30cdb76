"""The first text of a mapping: from what is known of a sender alone, and better from one submission that came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.authoring.editor import SCHEMA_COPY
from bridge.authoring.flow import flow
from bridge.documents import quoted
from bridge.expressions import agreement, as_text, comparable, is_blank
from bridge.mapping.secrets import suggested_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bridge.intake import Preset
    from bridge.model import Event

_VERIFICATION: Final = {
    "header_token": ("token", "{header_token: X-Token}"),
    "query_token": ("token", "{query_token: token}"),
    "basic": ("password", "{basic: leadbridge}"),
}


def draft(preset: Preset, *, name: str, event: Event | None = None, verification: str = "") -> str:
    """A mapping's text that passes `check`: not live, consent left as a question, and the likely fields filled in.

    `verification` are the lines `secrets:` and `verify:` of an earlier draft, kept as they are.
    """
    parts = [
        f"# yaml-language-server: $schema={SCHEMA_COPY}",
        f"# A draft for {preset.title}: everything is received and shown, nothing is sent while `live: false` is here.",
        f"preset: {preset.name}",
        "live: false",
        verification or _verification(preset, name),
        "",
        *_questions(preset, event),
        "",
        "lead:",
        *(f"  {field + ':':14}{source}" for field, source in _lead(event)),
        *_others(event),
    ]
    return "\n".join(parts) + "\n"


def _verification(preset: Preset, name: str) -> str:
    if preset.verify is not None:
        roles = ", ".join(f"{role}: {suggested_name(name, role.upper())}" for role in sorted(preset.roles))
        return f"secrets: {{{roles}}}" if roles else "# this sender needs no secret"
    way = next(
        (verification for verification in preset.verify_choices if verification in _VERIFICATION), "header_token"
    )
    role, verify = _VERIFICATION[way]
    return f"secrets: {{{role}: {suggested_name(name, role.upper())}}}\nverify: {verify}"


def _questions(preset: Preset, event: Event | None) -> Iterator[str]:
    """What only a person can say: which answer is consent, and what is to be done."""
    yield "# 1. What shows that the person agreed to be written to? Take away the # of the line that is right:"
    for _, write in preset.consent:
        if write is not None:
            yield f"# consent: {flow(write)}"
    for label in _labels(event, agreeing=True):
        yield f"# consent: {{answer: {quoted(label)}}}"
    yield '# consent: {answer: "the question as the form asks it"}'
    yield '# consent: {not_asked: "why nobody needs to be asked"}'
    yield "# 2. What is to be done? Name your list and your journey in Zoho:"
    yield "# actions:"
    yield "#   - subscribe: {list: Newsletter}"
    yield "#   - trigger:   {journey: Welcome}"
    leaving = [write for _, write in preset.withdraw if write is not None]
    if leaving:
        yield "# 3. This sender reports who leaves. What is to be done then?"
        yield "# withdraw:"
        yield f"#   when: {flow(leaving[0] if len(leaving) == 1 else {'any': leaving})}"
        yield "#   actions:"
        yield "#     - unsubscribe: {list: Newsletter}"
    yield f"# {4 if leaving else 3}. When `leadbridge check` and `leadbridge test` are content: remove `live: false`."


def _lead(event: Event | None) -> Iterator[tuple[str, str]]:
    if event is None:
        yield "Lead Email", "contact.email"
        yield "First Name", "{first_of: [contact.first_name, {from: contact.full_name, name: first}]}"
        yield "Last Name", "{first_of: [contact.last_name, {from: contact.full_name, name: rest}]}"
        yield "Phone", "contact.phone"
        yield "Company Name", "contact.company"
        return
    contact = event.contact
    yield "Lead Email", _address(event)
    yield from _competing(event)
    if contact.first_name:
        yield "First Name", "contact.first_name"
    elif contact.full_name:
        yield "First Name", "{from: contact.full_name, name: first}"
    if contact.last_name:
        yield "Last Name", "contact.last_name"
    elif contact.full_name:
        yield "Last Name", "{from: contact.full_name, name: rest}"
    if contact.phone:
        known = contact.phone.strip().startswith(("+", "00"))
        yield "Phone", "{from: contact.phone, as: phone}" if known else "contact.phone"
    if contact.company:
        yield "Company Name", "contact.company"


def _competing(event: Event) -> Iterator[tuple[str, str]]:
    """The e-mail questions among which only a person can choose, each as a line to take the # away from."""
    for name in dict.fromkeys(event.ambiguous.get("email", ())):
        keys = {name, *(answer.key for answer in event.answers if name == f"{answer.label} ({answer.key})")}
        key = min(keys, key=len)
        yield (
            "# Lead Email",
            f"{{answer: {quoted(_one_line(key))}}}   # {_one_line(name)}: is this the person's own address?",
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:80]


def _address(event: Event) -> str:
    if event.contact.email or "email" in event.ambiguous:
        return "contact.email"
    for answer in event.answers:
        if isinstance(answer.value, str) and "@" in answer.value and " " not in answer.value.strip():
            return f"{{answer: {quoted(answer.label or answer.key)}}}"
    return "contact.email"


def _others(event: Event | None) -> Iterator[str]:
    """The other questions and the tracking, ready to be given a field."""
    labels = [label for label in _labels(event) if label]
    tracking = [name for name, value in event.tracking.items() if not is_blank(value)] if event is not None else []
    if labels or tracking:
        yield "  # Also there, for fields of your own:"
    for label in labels:
        yield f"  # My Field: {{answer: {quoted(label)}}}"
    for name in tracking:
        yield f"  # My Field: tracking.{name}" if name.replace("_", "").isalnum() else f"  # tracking holds {name!r}"


def _labels(event: Event | None, *, agreeing: bool = False) -> list[str]:
    """The event's questions by the names people know; only those answered as one agrees, if so wanted."""
    if event is None:
        return []
    taken = {value for value in _contact_values(event) if value}
    found = []
    for answer in event.answers:
        agrees = agreement(answer.value, {comparable(answer.label)}) is True
        if agrees if agreeing else not agrees and as_text(_alone(answer.value)).strip() not in taken:
            found.append((answer.label or answer.key).replace("\n", " "))
    return list(dict.fromkeys(found))[:40]


def _contact_values(event: Event) -> Sequence[str | None]:
    contact = event.contact
    return (contact.email, contact.first_name, contact.last_name, contact.full_name, contact.phone, contact.company)


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value if not isinstance(value, dict) else ""
