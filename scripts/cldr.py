"""Write the word lists that times and phone numbers are read with, from Unicode's CLDR (https://cldr.unicode.org).

    uv run --with babel python -m scripts.cldr

Months and weekdays go to `bridge/times/words.json`, countries to `bridge/mapping/values/countries.json`. Babel holds
CLDR's data; it has 36 MB, of which some 100 KB are needed, so the service does without it.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from babel import Locale
from babel.core import get_global

from bridge.mapping.values.countries import name_key

LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "nb", "da", "fi", "cs", "sk", "sl", "hr", "tr", "ro", "hu"),
    *("ru", "uk", "bg", "el", "ca", "id"),
)
MORE_COUNTRIES = ("ja", "zh", "zh_Hant", "ko", "hi", "ar", "he", "th", "vi", "pt_PT", "es_MX")
NO_COUNTRIES = ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")
SPOKEN = {
    "GB": ("UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland", "Großbritannien", "Angleterre"),
    "US": ("United States of America", "America", "Estados Unidos de América", "EEUU"),
    "AE": ("UAE", "Emirates"),
    "NL": ("Holland", "The Netherlands", "Holanda", "Hollande"),
    "RU": ("Russian Federation",),
    "KR": ("Korea", "Republic of Korea"),
    "CZ": ("Czech Republic", "Česká republika", "Tschechische Republik"),
    "TR": ("Turkey",),
    "VN": ("Viet Nam",),
    "CN": ("PRC", "中华人民共和国"),
    "IE": ("Republic of Ireland", "Éire"),
    "IR": ("Islamic Republic of Iran",),
    "MK": ("Macedonia",),
    "HK": ("Hong Kong",),
    "MO": ("Macau",),
    "CI": ("Ivory Coast",),
}
"""What people write and CLDR does not list first."""

ROOT = Path(__file__).parent.parent / "bridge"


def key(text: str) -> str:
    """A month's or weekday's name as it is looked up: composed, in small letters, without dots."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace(".", " ").split())


def words(part: str) -> dict[str, list[int]]:
    """Each name of a month (1 to 12) or weekday (0 is Monday) with all that it means in these languages."""
    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        table = getattr(Locale.parse(language), part)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in table[context][width].items():
                    if key(name).isalpha() and len(key(name)) > 1:
                        found.setdefault(key(name), set()).add(number)
    return {name: sorted(descriptions) for name, descriptions in sorted(found.items())}


def countries() -> dict[str, list[str]]:
    """Each country's two letters with its names and its three letters; a name that two countries share is left out."""
    names: dict[str, set[str]] = {}
    for language in (*LANGUAGES, *MORE_COUNTRIES):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES:
                names.setdefault(name_key(name), set()).add(code)
    for code, spoken in SPOKEN.items():
        names.update({name_key(name): {code} for name in spoken})
    for old, new in get_global("territory_aliases").items():
        if len(old) == 3 and old.isalpha() and len(new) == 1 and new[0] not in NO_COUNTRIES:
            names.setdefault(name_key(old), set()).update(new)
    found: dict[str, list[str]] = {}
    for name, codes in sorted(names.items()):
        if len(codes) == 1:
            found.setdefault(next(iter(codes)), []).append(name)
    return dict(sorted(found.items()))


def write(path: Path, data: object) -> None:
    """A file of one line for each name or country, so that changes can be read."""
    lines = [
        f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
        for name, value in data.items()  # type: ignore[attr-defined]
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    times = {"months": words("months"), "weekdays": words("days")}
    (ROOT / "times" / "words.json").write_text(
        json.dumps(times, ensure_ascii=False, indent=1, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    write(ROOT / "mapping" / "values" / "countries.json", countries())
