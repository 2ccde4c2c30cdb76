"""The page `docs/senders.md`, made from the presets that ship with the product.

`python -m bridge.authoring.senders_page` writes it again; a test keeps it fresh.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bridge.authoring.flow import flow
from bridge.hooks import folder as hooks
from bridge.intake import preset_as_json
from bridge.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.intake import Preset

PAGE: Final = Path(__file__).parents[2] / "docs" / "senders.md"
CATEGORIES: Final = {
    "forms": "Forms and surveys",
    "ads": "Lead ads",
    "scheduling": "Bookings and events",
    "crm": "CRMs",
    "marketing": "Marketing tools",
    "shops": "Shops",
    "payments": "Payments",
    "general": "Anything else",
}
"""The groups in the order of the page, with their headings; the words are those of the schema."""

_HEAD: Final = """\
# Senders

<!-- Made from bridge/presets by `python -m bridge.authoring.senders_page`; write there, not here. -->

{count} presets. Write the name of one under `preset:` in a mapping; `leadbridge presets NAME` shows the same in a
terminal, and docs/presets.md explains how to write one of your own. {{url}} stands for the address of your hook.

*Ids only* means that the sender names the person by an id, and that `fetch:` in the mapping asks it for the rest.
Without *event id*, two equal bodies within a day count as one event; [Sent again](#sent-again) says more.
"""
_SENT_AGAIN: Final = """\
## Sent again

What a second event of a sender becomes. Its id is the first of these that is there; parts with `+` count together. What
fares better than the first event always takes its place, and whatever differs is stored. An edit that brings another id
(where the id has a time or a version in it) is a new event; updates and new events are both delivered. What is *ids
only* is fetched again for an update, and not for a duplicate.
"""
_ACCEPTED: Final = (Kind.SUBMISSION, Kind.UPDATE)
_MARKS: Final = re.compile(r"([*<>|\\]|(?<!\w)_|_(?!\w))")


def page(presets: Iterable[Preset]) -> str:
    """The whole page in Markdown: a table of all senders by category, then what a person needs to know of each."""
    known = sorted(presets, key=lambda preset: (list(CATEGORIES).index(preset.category), preset.name))
    groups = [(category, list(group)) for category, group in groupby(known, lambda preset: preset.category)]
    parts = [_HEAD.format(count=len(known))]
    for category, group in groups:
        parts.append(f"## {CATEGORIES[category]}\n\n{_table(group)}\n")
    by_name = sorted(known, key=lambda preset: preset.name)
    parts += [_SENT_AGAIN, f"{_table_of_second_events(by_name)}\n", "## Each of them\n"]
    parts += map(_section, by_name)
    return "\n".join(parts)


def _table(presets: Sequence[Preset]) -> str:
    rows = [("preset", "sender", "verification", "body", "notes"), ("---",) * 5]
    for preset in presets:
        described = preset_as_json(preset)
        link = f"[`{preset.name}`](#{preset.name})"
        rows.append(
            (
                link,
                _plain(preset.title),
                _plain(_authentication(described)),
                described["body"],
                ", ".join(_notes(described)),
            )
        )
    return _markdown(rows)


def _authentication(described: Mapping[str, Any]) -> str:
    """How the sender authenticates, and with which secrets."""
    if described["verify_choices"]:
        return f"choose {' or '.join(described['verify_choices'])}"
    return (
        f"{described['verification']} (role {', '.join(described['roles'])})"
        if described["roles"]
        else described["verification"]
    )


def _notes(described: Mapping[str, Any]) -> list[str]:
    notes = {
        "event id": described["has_event_id"],
        "ids only": described["fetches"],
        "several events a request": described["batches"],
        "handshake": described["handshake"],
        "lists its questions": described["sends_questions"],
        f"by {' '.join(described['methods'])}": described["methods"] != ["POST"],
    }
    return [note for note, holds in notes.items() if holds]


def _section(preset: Preset) -> str:
    lines = [
        f"### {preset.name}",
        "",
        f"{_plain(preset.title)}. Authentication: {_plain(_authentication(preset_as_json(preset)))}.",
        "",
    ]
    lines += [f"{number}. {_plain(step)}" for number, step in enumerate(preset.setup, start=1)]
    lines += ["", f"- Becomes a lead: {_leads(preset)}."]
    lines += [f"- Other event kinds: {kinds}." for kinds in [_other_kinds(preset)] if kinds]
    lines += [f"- Consent: {_plain(note)}{_written('consent', write)}" for note, write in preset.consent]
    lines += [f"- Leaves: {_plain(note)}{_written('when', write)}" for note, write in preset.withdraw]
    lines.append(f"- Retries: {_plain(preset.retries)}")
    lines += [f"- Unconfirmed: {_plain(doubt)}" for doubt in preset.unconfirmed]
    lines.append(f"- From: {', '.join(f'<{address}>' for address in preset.docs)}")
    return "\n".join(lines) + "\n"


def _leads(preset: Preset) -> str:
    """The sender's types that mappings accept unless they say otherwise."""
    recipe = preset.recipe
    if recipe.otherwise in _ACCEPTED:
        return "every event that is nothing else"
    named = [f"`{name}`" for name, kind in recipe.kinds.items() if kind in _ACCEPTED]
    by_rule = any(kind in _ACCEPTED for _, kind in (*recipe.rules, *recipe.patterns))
    return ", ".join(named) or ("by its rules" if by_rule else "nothing, unless the mapping accepts other kinds")


def _table_of_second_events(presets: Sequence[Preset]) -> str:
    """What an event that comes a second time is: a repeat, an edit, or what was partial before."""
    rows = [("preset", "id", "a repeat", "an edit", "a partial one"), ("---",) * 5]
    for preset in presets:
        ids = ", or ".join(" + ".join(f"`{_in_code(part)}`" for part in parts) for parts in preset.ids)
        rows.append((f"[{preset.name}](#{preset.name})", ids or "none", *second_event(preset)))
    return _markdown(rows)


def second_event(preset: Preset) -> tuple[str, str, str]:
    """What a repeat, an edit and a partial event of a sender become, as the page says it."""
    partial = "ignored until the final one" if "partial" in preset_as_json(preset)["kinds"] else ""
    return ("a duplicate", "an update", partial) if preset.ids else ("a duplicate within a day", "a new event", partial)


def _markdown(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _in_code(text: str) -> str:
    """Text in backticks in a table: a bar ends a cell even there, and a backtick the code."""
    return text.replace("`", "'").replace("|", "\\|")


def _other_kinds(preset: Preset) -> str:
    """The kinds that are not leads by themselves."""
    kinds = preset_as_json(preset)["kinds"]
    return ", ".join(kind for kind in kinds if kind not in _ACCEPTED)


def _written(key: str, condition: Any) -> str:
    return "" if condition is None else f" `{key}: {flow(condition)}`"


def _plain(text: str) -> str:
    """Text whose marks Markdown would take for its own, in one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def shipped() -> str:
    """The page of the presets that ship with the product."""
    return page(hooks.judge_presets(None)[0].values())


if __name__ == "__main__":
    PAGE.write_text(shipped(), encoding="utf-8")
