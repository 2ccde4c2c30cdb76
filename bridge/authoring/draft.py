"""The first text of a mapping: from what is known of a sender alone, and better from one submission that came."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge.authoring.editor import SCHEMA_COPY
from bridge.authoring.flow import flow
from bridge.documents import quoted
from bridge.expressions import agreement, as_text, captions, comparable, is_blank
from bridge.mapping.secrets import suggested_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.intake import Preset
    from bridge.model import Event
    from bridge.zoho import Snapshot

STANDARD_FIELDS: Final = (
    *("Job Title", "Mobile", "Website", "Company Address", "Company Phone", "City", "State", "Country", "Zip Code"),
    *("Date of Birth", "Gender", "Industry", "Street", "Fax", "Department", "Salutation"),
)
"""Names of fields that accounts usually have; `leadbridge pull` writes those that this one has."""

_MOST_PROPOSED: Final = 6
_LONGEST_CONSENT: Final = 200
_LONGEST_YES: Final = 60
_COUNTRY: Final = "   # add country: GB for numbers without +44"
_CONSENT: Final = re.compile(
    r"consen|agree|acc?ept|newsletter|opt|subscri|privacy|gdpr|terms|marketing"
    r"|einwillig|einverstanden|zustimm|stimme|datenschutz|abonn|ac+ett|autori[sz]|suscri|iscri[tz]|zgod|souhlas",
    re.IGNORECASE,
)
_VERIFICATION: Final = {
    "header_token": ("token", "{header_token: X-Token}"),
    "query_token": ("token", "{query_token: token}"),
    "basic": ("password", "{basic: leadbridge}"),
}


def draft(
    preset: Preset,
    *,
    name: str,
    event: Event | None = None,
    verification: str = "",
    snapshot: Snapshot | None = None,
) -> str:
    """A mapping's text that passes `check`: not live, consent left as a question, and the likely fields filled in.

    `verification` are the lines `secrets:`, `verify:` and `fetch:` of an earlier draft, stored as they are. `snapshot`
    is the Zoho account, where it is known: its lists, journeys and fields are proposed.
    """
    fields = {field.casefold(): field for field in (snapshot.fields if snapshot is not None else STANDARD_FIELDS)}
    parts = [
        f"# yaml-language-server: $schema={SCHEMA_COPY}",
        f"# A draft for {preset.title}: everything is received and shown, nothing is sent while `live: false` is here.",
        f"preset: {preset.name}",
        "live: false",
        verification or _verification(preset, name),
        "",
        *_questions(preset, event, snapshot),
        "",
        "lead:",
        *(f"  {field + ':':14}{source}" for field, source in _lead(event)),
        *_others(event, fields),
    ]
    return "\n".join(parts) + "\n"


def _verification(preset: Preset, name: str) -> str:
    fetch = f"\nfetch: {{token: {suggested_name(name, 'ACCESS_TOKEN')}}}" if preset.fetch is not None else ""
    return _verify(preset, name) + fetch


def _verify(preset: Preset, name: str) -> str:
    if preset.verify is not None:
        roles = ", ".join(f"{role}: {suggested_name(name, role.upper())}" for role in sorted(preset.roles))
        return f"secrets: {{{roles}}}" if roles else "# this sender needs no secret"
    way = next(
        (verification for verification in preset.verify_choices if verification in _VERIFICATION), "header_token"
    )
    role, verify = _VERIFICATION[way]
    return f"secrets: {{{role}: {suggested_name(name, role.upper())}}}\nverify: {verify}"


def _questions(preset: Preset, event: Event | None, snapshot: Snapshot | None) -> Iterator[str]:
    """What only a person can say: which answer is consent, and what is to be done."""
    yield "# 1. What shows that the person agreed to be written to? Take away the # of the line that is right:"
    for _, write in preset.consent:
        if write is not None and _is_there(write, event):
            yield f"# consent: {flow(write)}"
    texts = _texts(event)
    for label in sorted(_labels(event, agreeing=True), key=lambda label: not _CONSENT.search(texts.get(label, label))):
        if _may_be_consent(texts.get(label, label)):
            yield f"# consent: {{answer: {quoted(label)}}}{_comment(texts, label)}"
    for label, words in agreed_in_words(event):
        yield f"# consent: {{answer: {quoted(label)}, contains: {quoted(words)}}}{_comment(texts, label)}"
    named = "the question's key" if preset.recipe.captions is not None else "the question as the form asks it"
    yield f'# consent: {{answer: "{named}"}}'
    yield '# consent: {not_asked: "why nobody needs to be asked"}'
    yield "# 2. What is to be done? Name your list and your journey in Zoho:"
    yield "# actions:"
    for verb, key, names in (
        ("subscribe: ", "list", [one.name for one in snapshot.lists] if snapshot is not None else ["Newsletter"]),
        ("trigger:   ", "journey", [one.name for one in snapshot.journeys] if snapshot is not None else ["Welcome"]),
    ):
        for one in names[:_MOST_PROPOSED]:
            yield f"#   - {verb}{{{key}: {quoted(one)}}}"
    leaving = [write for _, write in preset.withdraw if write is not None]
    if leaving:
        yield "# 3. This sender reports who leaves. What is to be done then?"
        yield "# withdraw:"
        yield f"#   when: {flow(leaving[0] if len(leaving) == 1 else {'any': leaving})}"
        yield "#   actions:"
        first = snapshot.lists[0].name if snapshot is not None and snapshot.lists else "Newsletter"
        yield f"#     - unsubscribe: {{list: {quoted(first)}}}"
    yield f"# {4 if leaving else 3}. When `leadbridge check` and `leadbridge test` are content: remove `live: false`."


def _is_there(write: Mapping[str, Any], event: Event | None) -> bool:
    """Whether an event, if there is one, has the answer that a preset's consent names."""
    if event is None or "answer" not in write:
        return True
    wanted = comparable(str(write["answer"]))
    return any(wanted in (comparable(one.key), comparable(one.label)) for one in event.answers)


def _lead(event: Event | None) -> Iterator[tuple[str, str]]:
    if event is None:
        yield "Lead Email", "contact.email"
        yield "First Name", "{first_of: [contact.first_name, {from: contact.full_name, name: first}]}"
        yield "Last Name", "{first_of: [contact.last_name, {from: contact.full_name, name: rest}]}"
        yield "Phone", f"{{from: contact.phone, as: phone}}{_COUNTRY}"
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
        yield "Phone", f"{{from: contact.phone, as: phone}}{'' if known else _COUNTRY}"
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


def agreed_in_words(event: Event | None) -> Iterator[tuple[str, str]]:
    """Answers that are themselves the words of a consent, as a tick box sends its text."""
    for answer in event.answers if event is not None else ():
        text = as_text(_alone(answer.value)).strip() if not isinstance(answer.value, dict) else ""
        if " " in text and len(text) <= _LONGEST_CONSENT and "@" not in text and _says_yes(text):
            yield _one_line(answer.label or answer.key), text


def _says_yes(text: str) -> bool:
    """Whether a sentence speaks of consent, or is a short one that starts with a yes: `Yes, please send me news`.

    A long one, or one with numbers, may be the person's own words.
    """
    if _CONSENT.search(text):
        return True
    begin, comma, _ = text.partition(",")
    return bool(comma) and len(text) <= _LONGEST_YES and not re.search(r"\d", text) and agreement(begin, set()) is True


def _may_be_consent(label: str) -> bool:
    """A question in words, or a name that speaks of consent; `is-contact` is true for everybody."""
    return " " in label.strip() or "?" in label or bool(_CONSENT.search(label))


def _others(event: Event | None, fields: Mapping[str, str]) -> Iterator[str]:
    """The other questions and the tracking, ready to be given a field."""
    labels = [label for label in _labels(event) if label]
    tracking = [name for name, value in event.tracking.items() if not is_blank(value)] if event is not None else []
    if labels or tracking:
        yield "  # Also there, for fields of your own:"
    texts = _texts(event)
    for label in labels:
        as_date = ", as: date" if _is_date(label, event) else ""
        field = fields.get(_bare(texts.get(label, label)), "My Field")
        yield f"  # {field}: {{answer: {quoted(label)}{as_date}}}{_comment(texts, label)}"
    for name in tracking:
        field = fields.get(_bare(name.replace("_", " ")), "My Field")
        yield f"  # {field}: tracking.{name}" if name.replace("_", "").isalnum() else f"  # tracking holds {name!r}"


def _texts(event: Event | None) -> Mapping[str, str]:
    """The texts of questions that can be named by their keys only."""
    return captions(event) if event is not None else {}


def _comment(texts: Mapping[str, str], key: str) -> str:
    return f"   # {_one_line(texts[key])}" if key in texts else ""


def _bare(label: str) -> str:
    """A question as a field may be called: small letters, without what stands around it."""
    return " ".join(re.findall(r"\w+", label.casefold()))


def _is_date(label: str, event: Event | None) -> bool:
    """Whether the question was answered by a day, written with the year first or in parts."""
    answers = event.answers if event is not None else ()
    value = next((one.value for one in answers if label in (one.label, one.key)), None)
    if isinstance(value, dict):
        return {"year", "month", "day"} <= {str(key).casefold() for key in value}
    return isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}", value) is not None


def _labels(event: Event | None, *, agreeing: bool = False) -> list[str]:
    """The event's questions by the names people know; only those answered as one agrees, if so wanted."""
    if event is None:
        return []
    taken = {value for value in _contact_values(event) if value}
    found = []
    for answer in event.answers:
        agrees = agreement(answer.value, {comparable(answer.label)}) is True
        if agrees if agreeing else not agrees and not _is_taken(answer.value, taken):
            found.append((answer.label or answer.key).replace("\n", " "))
    return list(dict.fromkeys(found))[:40]


def _is_taken(value: Any, taken: set[str]) -> bool:
    """Whether the contact holds this answer already, whole or in its parts."""
    if isinstance(value, dict):
        parts = [as_text(part).strip() for part in value.values() if not is_blank(part)]
        return bool(parts) and ({*parts} <= taken or " ".join(parts) in taken)
    return as_text(_alone(value)).strip() in taken


def _contact_values(event: Event) -> Sequence[str | None]:
    contact = event.contact
    return (contact.email, contact.first_name, contact.last_name, contact.full_name, contact.phone, contact.company)


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value if not isinstance(value, dict) else ""
