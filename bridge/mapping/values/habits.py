"""Habits from other tools and from plain writing: what they mean here, as the change of the file that says so."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Final

from bridge.documents import flow, quoted
from bridge.mapping.context import ROOTS
from bridge.mapping.values.foreign_paths import from_foreign
from bridge.mapping.values.withdrawals import whole_withdrawal

if TYPE_CHECKING:
    from bridge.documents import Document, Path
    from bridge.model import Edit

_OTHER_LANGUAGES: Final = {
    "preset": "vorlage absender modèle modele expéditeur expediteur plantilla modello sjabloon",
    "secrets": "geheimnisse geheimnis secreto secretos segreti",
    "consent": "einwilligung zustimmung consentement consentimiento consenso toestemming permission optin opt_in",
    "lead": "felder kontakt champs campos campi velden contact",
    "actions": "aktionen acciones azioni acties steps tasks do",
    "answer": "antwort frage réponse reponse respuesta pregunta risposta domanda antwoord vraag",
    "from": "von aus pfad chemin ruta percorso pad source",
    "value": "wert valeur valor valore waarde text constant",
    "subscribe": "abonnieren anmelden abonner inscrire suscribir iscrivere abonneren",
    "unsubscribe": "abmelden abbestellen désabonner desabonner désinscrire cancelar disiscrivere afmelden",
    "list": "liste lista lijst",
    "journey": "reise parcours viaje percorso workflow automation",
    "when": "wenn falls quand si cuando se als condition",
    "is": "gleich ist égal egal igual uguale gelijk",
    "default": "standard vorgabe défaut defaut predeterminado predefinito standaard",
    "required": "pflicht erforderlich obligatoire requis obligatorio obbligatorio verplicht",
    "zone": "zeitzone fuseau zona tijdzone",
    "country": "land pays país pais paese",
    "live": "aktiv actif activo attivo actief active enabled",
    "accept": "akzeptieren accepter aceptar accettare",
    "withdraw": "widerruf abmeldung retrait baja revoca intrekking",
    "first_of": "coalesce firstof",
}
"""Keys of a mapping as people translate them, and plain English words for them."""

SYNONYMS: Final = {
    **{word: (key,) for key, words in _OTHER_LANGUAGES.items() for word in words.split()},
    "si": ("when",),
    "fallback": ("default",),
    "else": ("default",),
    "otherwise": ("default",),
    "format": ("as", "read"),
    "type": ("as",),
    "question": ("answer",),
    "field": ("answer",),
    **dict.fromkeys(("map", "mapping", "table", "translate", "replacements"), ("lookup",)),
    **dict.fromkeys(("mandatory", "needed", "must"), ("required",)),
    **dict.fromkeys(("timezone", "tz", "time_zone"), ("zone",)),
    **dict.fromkeys(("limit", "truncate", "max_length", "length"), ("cut",)),
    "if": ("when",),
    "separator": ("join",),
    "path": ("from",),
    "max": ("cut",),
    "sender": ("preset",),
    "fields": ("lead",),
    "secret": ("secrets",),
    **dict.fromkeys(("equals", "equal", "eq", "=", "=="), ("is",)),
    **dict.fromkeys(("not", "not_equals", "ne", "!="), ("is_not",)),
    **dict.fromkeys(("one_of", "any_of"), ("in",)),
    **dict.fromkeys(("includes", "has"), ("contains",)),
    **dict.fromkeys(("exists", "not_empty", "filled"), ("present",)),
    **dict.fromkeys(("add_to_list", "add", "list_subscribe", "signup"), ("subscribe",)),
    **dict.fromkeys(("remove", "remove_from_list"), ("unsubscribe",)),
    **dict.fromkeys(("start_journey", "add_to_journey"), ("trigger",)),
}
"""Words of other products for keys of a mapping, each with the keys that it may mean."""

CHOICES: Final = {
    **dict.fromkeys(("given", "firstname", "forename", "vorname", "prénom"), "first"),
    **dict.fromkeys(("family", "surname", "lastname", "nachname", "nom"), "last"),
    **dict.fromkeys(("capitalize", "capitalise", "capitalized", "capital", "proper"), "title"),
    **dict.fromkeys(("uppercase", "upcase", "caps"), "upper"),
    **dict.fromkeys(("lowercase", "downcase"), "lower"),
    **dict.fromkeys(("string", "str", "txt"), "text"),
    **dict.fromkeys(("int", "whole", "long"), "integer"),
    **dict.fromkeys(("float", "decimal", "double"), "number"),
    **dict.fromkeys(("bool", "yes/no", "checkbox"), "boolean"),
    **dict.fromkeys(("tel", "mobile", "telefon"), "phone"),
    **dict.fromkeys(("mail", "e-mail"), "email"),
    **dict.fromkeys(("time", "timestamp", "date_time"), "datetime"),
    **dict.fromkeys(("dd/mm/yyyy", "dd.mm.yyyy", "dd-mm-yyyy", "d.m.yyyy", "dmy"), "day_first"),
    **dict.fromkeys(("mm/dd/yyyy", "mm-dd-yyyy", "m/d/yyyy", "mdy"), "month_first"),
    **dict.fromkeys(("yyyy-mm-dd", "yyyy/mm/dd", "iso", "ymd"), "year_first"),
    **dict.fromkeys(("comma", ","), "decimal_comma"),
    **dict.fromkeys(("point", "dot", "."), "decimal_point"),
    **dict.fromkeys(("low", "later"), "bulk"),
    **dict.fromkeys(("high", "now", "normal"), "live"),
    **dict.fromkeys(("ask", "stop", "wait"), "hold"),
    **dict.fromkeys(("retry", "again", "send"), "resend"),
    **dict.fromkeys(("facebook", "instagram", "meta", "facebook-lead-ads"), "meta-lead-ads"),
    **dict.fromkeys(("webhook", "generic", "custom", "zapier", "make", "n8n"), "json"),
    **dict.fromkeys(("html", "website", "html-form"), "form"),
    "cf7": "contact-form-7",
}
"""Words of other products for values, each with the value that it means."""

_A_FIELD: Final = 2
"""Steps of the path to a field: `lead`, and its name."""

_REMARKS: Final = frozenset({"note", "notes", "name", "title", "description", "comment", "comments", "form", "author"})
_ACTION_OF: Final = {"list": "subscribe", "listkey": "subscribe", "journey": "trigger", "journeykey": "trigger"}
_OF_AN_ACTION: Final = frozenset(
    {"when", "on_doubt", "name", "create", "bulk", "sources", "topics", "fields", "without"}
)
"""Keys that stand within an action, and that people write next to it."""

_OPENS, _CLOSES = r"(?:\{\{|\$\{|\{%|\[\[|\{|%|<)", r"(?:\}\}|%\}|\]\]|\}|%|>)"
_TEMPLATE: Final = re.compile(rf"=?\s*{_OPENS}\s*([^{{}}%<>|]+?)\s*(?:\|[^{{}}]*)?{_CLOSES}")
_LONGEST: Final = 500
"""Characters. No template is longer, and the search for one takes more than linear time."""

_STEP: Final = re.compile(r"^[0-9]+\.")
"""The number of a step, as Make and Zapier write it before a name."""

_VARIABLE: Final = re.compile(r"\$(?:json|input|node)?\.?([A-Za-z_][\w.\[\]\" -]*)")


def from_template(text: str) -> str | None:
    """A template or a variable of another tool as a source of a mapping: a path or `{answer: ...}`; None for none.

    `{{ contact.email }}` is the path inside, `={{ $json.phone }}` (n8n) is `body.phone`, and what is neither is taken
    for a question: `{{1.phone}}` (Make) asks for `phone`.
    """
    if len(text) > _LONGEST:
        return None
    template = _TEMPLATE.fullmatch(text.strip())
    inner = (template[1] if template else text).strip().strip("\"'")
    variable = _VARIABLE.fullmatch(inner)
    if template is None and variable is None:
        return None
    name = variable[1] if variable else inner
    if (foreign := from_foreign(name)) is not None:
        return foreign
    root = re.match(r"\w*", name)
    if root and root[0] in ROOTS:
        return name
    if variable and re.fullmatch(r"[\w.]+", name):
        return f"body.{name}"
    return f"{{answer: {quoted(_STEP.sub('', name))}}}"


def meant_by_fixed(text: str) -> str:
    """The source, without its braces, that a fixed text is as another tool writes it: `{{ body.plan }}`; "" for none.

    A question's text may hold such a thing itself, with a colon: `{{field:e959}}` (Typeform).
    """
    is_template = text.strip().lstrip("=").startswith(("{{", "${", "{%")) and ":" not in text
    source = (from_template(text) or "") if is_template else ""
    return source[1:-1] if source.startswith("{") else f"from: {source}" if source else ""


def unknown_key(document: Document, path: Path, key: str, value: Any) -> tuple[str, Edit | None]:
    """What to do about a key that is not known at `path`: the fix in words, "" for that of the edit, and the edit."""
    place = (*path, key)
    if not path and key.casefold() in _REMARKS:
        line = document.place(place, at_key=True)[0]
        return f"write a remark as a comment: # {key}: ...", document.at_entry(place, f"# {_line(document, line)}")
    if not path and (key[:1].isupper() or " " in key):
        return "a field of the lead is indented below `lead:`", _below_lead(document, key)
    if value is None and (assigned := re.fullmatch(r"(\w+) *= *(.*)", key)):
        return "", document.at_key(place, f"{assigned[1]}: {assigned[2]}")
    if isinstance(value, dict) and not path and "preset" in value:
        return "write its keys at the top of the file", _one_level_up(document, place)
    if path[:1] == ("lead",) and len(path) == _A_FIELD and (key[:1].isupper() or " " in key):
        return "write the fields directly below `lead:`", _one_level_up(document, path)
    if path == ("withdraw",):
        return "", whole_withdrawal(document)
    if len(path) == 2 and path[0] == "actions" and key in _ACTION_OF:
        return "", _whole_action(document, path, key)
    if path[-2:-1] == ("actions",) and key in _OF_AN_ACTION:
        return _within_its_action(document, path, key)
    if len(path) == 3 and path[0] == "actions" and key in _ACTION_OF:
        return f"write an action of its own: `- {_ACTION_OF[key]}: {{{key}: ...}}`", None
    if (verbs := _as_verbs(document, path, key, value)) is not None:
        return "", document.at_entry(place, verbs) if verbs else document.without(place) or _less(document, path, key)
    if path:
        return "", _path_in_braces(document, path, key, value)
    return "", None


def _as_verbs(document: Document, path: Path, key: str, value: Any) -> str | None:
    """A verb of another tool as ours: `upper: true`, `trim: true` ("", as all texts are), `format: DD/MM/YYYY`."""
    word = key.casefold()
    case = CHOICES.get(word, word)
    if word in ("trim", "strip") and value is True:
        return ""
    if case in ("upper", "lower", "title") and value is True:
        return f"case: {case}"
    order = CHOICES.get(str(value).casefold(), "")
    if word not in ("format", "date_format") or order not in ("day_first", "month_first", "year_first"):
        return None
    source, place = document.source(path), document.place((*path, key), at_key=True)
    between = ", " if source.startswith("{") else "\n" + " " * (place[1] - 1)
    has_kind = any(one == (*path, "as") for one in document.keys)
    return f"read: {order}" if has_kind else f"as: date{between}read: {order}"


def _less(document: Document, path: Path, key: str) -> Edit | None:
    """Keys between braces without one of them."""
    node: Any = document.data
    for step in path:
        node = node[step]
    return document.at_value(path, flow({name: value for name, value in node.items() if name != key}))


def _one_level_up(document: Document, place: Path) -> Edit | None:
    """A key whose whole block stands one level too deep is replaced by what is below it."""
    source = document.source(place)
    if source.startswith("{") or place not in document.keys:
        return None
    indent = document.keys[place][1] - 1
    lines = dedent(" " * (document.values[place][1] - 1) + source).splitlines()
    return document.at_entry(place, f"\n{' ' * indent}".join(lines))


def _line(document: Document, number: int) -> str:
    return document.lines[number - 1].strip()


def _below_lead(document: Document, key: str) -> Edit | None:
    """The line of a field that follows those of `lead:`, indented as they are."""
    line = document.place((key,), at_key=True)[0]
    fields = [place for path, place in document.keys.items() if len(path) == 2 and path[0] == "lead"]
    if document.ends.get((key,), (0, 0))[0] != line or line - 1 not in {place[0] for place in fields}:
        return None
    return document.at_key((key,), " " * (fields[0][1] - 1) + key)


def _whole_action(document: Document, path: Path, key: str) -> Edit | None:
    """`- list: X` is a subscribe; so it is below an empty `- subscribe:` that it should be indented under."""
    source, verb = document.source(path), _ACTION_OF[key]
    first, *others = source.splitlines()
    if first.strip() in ("subscribe:", "trigger:") and others:
        return document.at_value(path, "\n".join([first, *(f"  {line}" for line in others)]))
    return document.at_value(path, f"{verb}: {{{source}}}") if not others and not source.startswith("{") else None


def _within_its_action(document: Document, path: Path, key: str) -> tuple[str, Edit | None]:
    """`- tag: VIP` with `when:` below it is `- tag: {name: VIP, when: ...}`."""
    keys = [str(place[-1]) for place in document.keys if place[:-1] == path]
    verbs = [one for one in keys if one not in _OF_AN_ACTION]
    verb = verbs[0] if len(verbs) == 1 else ""
    words = f"write it within the action: `- {verb or 'tag'}: {{..., {key}: ...}}`"
    if not verb or len(keys) != 2 or len(document.source(path).splitlines()) > 2:
        return words, None
    target, value = document.source((*path, verb)), document.source((*path, key))
    if "\n" in target + value:
        return words, None
    within = target[1:-1].strip() if target.startswith("{") else "" if target == "true" else f"name: {target}"
    return "", document.at_value(path, f"{verb}: {{{f'{within}, ' if within else ''}{key}: {value}}}")


def _path_in_braces(document: Document, path: Path, key: str, value: Any) -> Edit | None:
    """`{contact.email}`, `{contact: email}` and `{{ contact.email }}`: a path as other tools write it."""
    source = document.source(path) if path in document.values else ""
    if re.fullmatch(r"\{\{[^{}]+: [^{}]+\}\}", source):
        return document.at_value(path, source[1:-1])
    if source.startswith("{{") and ":" not in source:
        meant = f"{{{meant_by_fixed(source)}}}" if "actions" in path else from_template(source)
        return document.at_value(path, meant) if meant else None
    if key.partition(".")[0] not in ROOTS:
        return None
    if value is None:
        return document.at_value(path, key)
    return document.at_value(path, f"{key}.{value}") if isinstance(value, str) and value.isidentifier() else None
