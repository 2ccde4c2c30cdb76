"""Write the word lists that times and phone numbers are read with, from Unicode's CLDR (https://cldr.unicode.org).

    uv run --with babel python -m scripts.cldr

Months and weekdays go to `bridge/times/words.json`, countries to `bridge/mapping/values/countries.json`. Babel holds
CLDR's data; it has 36 MB, of which some 100 KB are needed, so the service does without it.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from bridge.mapping.values.countries import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "nb", "da", "fi", "cs", "sk", "sl", "hr", "tr", "ro", "hu"),
    *("ru", "uk", "bg", "el", "ca", "id"),
)
MORE_COUNTRIES = (
    *("ja", "zh", "zh_Hant", "ko", "hi", "ar", "he", "th", "vi", "pt_PT", "es_MX", "et", "lv", "lt", "sr", "sr_Latn"),
    *("is", "mk", "sq", "eu", "gl", "ms", "fa", "ur"),
)
NO_COUNTRIES = ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")
SPOKEN = {
    "GB": (
        *("UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland", "Großbritannien", "Angleterre"),
        *("Grande-Bretagne", "Gran Bretaña", "Gran Bretagna", "Grã-Bretanha", "Groot-Brittannië", "Storbritannien"),
        *("Storbritannia", "Iso-Britannia", "Wielka Brytania", "Velká Británie", "Velká Británia", "Velika Britanija"),
        *("Nagy-Britannia", "Marea Britanie", "Büyük Britanya", "Μεγάλη Βρετανία", "Великобритания", "英国", "英國"),
        *("Inglaterra", "Inghilterra", "Engeland", "Anglia", "Anglie", "Anglicko", "Engleska", "İngiltere", "Αγγλία"),
        *("Англия", "Англія", "イギリス", "United Kingdom of Great Britain and Northern Ireland"),
    ),
    "US": ("United States of America", "America", "Estados Unidos de América", "EEUU"),
    "AE": ("UAE", "Emirates", "الإمارات"),
    "NL": (
        "Kingdom of the Netherlands",
        "Holland",
        "Holanda",
        "Hollande",
        "Holandia",
        "Holandsko",
        "Nizozemsko",
        "Olanda",
    ),
    "RU": ("Russian Federation",),
    "KR": (
        *("Korea", "Republic of Korea", "Rep. of Korea", "Republik Korea", "République de Corée", "República de Corea"),
        *("Repubblica di Corea", "República da Coreia", "Republiek Korea", "Republika Korei", "Республика Корея"),
        *("Republiken Korea", "Republikken Korea"),
    ),
    "KP": (
        *("Democratic People's Republic of Korea", "DPRK", "Demokratische Volksrepublik Korea", "КНДР"),
        *("République populaire démocratique de Corée", "República Popular Democrática de Corea"),
        *("Repubblica Popolare Democratica di Corea", "República Popular Democrática da Coreia"),
        *("Democratische Volksrepubliek Korea", "Koreańska Republika Ludowo-Demokratyczna"),
    ),
    "CZ": ("Czech Republic", "Česká republika", "Tschechische Republik"),
    "SK": ("Slovak Republic", "Slovenská republika"),
    "TR": ("Turkey", "Türkiye Cumhuriyeti"),
    "VN": ("Viet Nam",),
    "CN": ("PRC", "中华人民共和国", "People's Republic of China", "Mainland China"),
    "IE": ("Republic of Ireland", "Éire"),
    "MK": ("Macedonia", "Македонија", "Makedonija", "Македония", "The former Yugoslav Republic of Macedonia", "FYROM"),
    "HK": ("Hong Kong", "Hong Kong SAR", "Hong Kong Special Administrative Region of China"),
    "MO": ("Macau", "Macao", "Macao SAR", "Macao Special Administrative Region of China"),
    "CI": ("Ivory Coast",),
    "BA": ("Bosnia",),
    "BN": ("Brunei Darussalam",),
    "BO": ("Plurinational State of Bolivia",),
    "CD": (
        *("Democratic Republic of the Congo", "DR Congo", "Congo DR", "DRC", "Congo DRC", "Zaire"),
        *("Demokratische Republik Kongo", "République démocratique du Congo", "República Democrática del Congo"),
        *("Repubblica Democratica del Congo", "República Democrática do Congo", "Democratische Republiek Congo"),
        *("Demokratiska republiken Kongo", "Демократическая Республика Конго"),
    ),
    "CG": (
        *("Congo", "Republic of the Congo", "Congo (Republic)", "Congo Republic", "Republik Kongo"),
        *("République du Congo", "República del Congo", "Repubblica del Congo", "República do Congo"),
        *("Republiek Congo", "Республика Конго"),
    ),
    "DO": ("Dominican Rep.",),
    "FK": ("Falkland Islands (Malvinas)",),
    "FM": ("Federated States of Micronesia",),
    "GE": ("Georgia (country)", "Republic of Georgia"),
    "GN": ("Republic of Guinea", "Guinea-Conakry"),
    "IL": ("State of Israel",),
    "IN": ("Republic of India", "India (Bharat)"),
    "KW": ("State of Kuwait",),
    "LA": ("Lao People's Democratic Republic",),
    "LY": ("Libyan Arab Jamahiriya", "State of Libya"),
    "MF": ("Saint Martin (French part)",),
    "MM": ("Burma",),
    "MX": ("United Mexican States",),
    "PG": ("Independent State of Papua New Guinea",),
    "PS": ("Palestine", "State of Palestine", "Palestinian Territory, Occupied", "Occupied Palestinian Territory"),
    "QA": ("State of Qatar",),
    "SA": ("KSA", "السعودية"),
    "SD": ("Republic of the Sudan",),
    "SH": ("Saint Helena, Ascension and Tristan da Cunha", "Saint Helena, Ascension Island, Tristan da Cunha"),
    "SX": ("Sint Maarten (Dutch part)", "Saint Martin (Dutch part)"),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TF": ("French Southern Territories",),
    "TL": ("East Timor", "Democratic Republic of Timor-Leste"),
    "TW": ("Taiwan, Province of China", "Republic of China", "Chinese Taipei"),
    "VA": ("Holy See", "Holy See (Vatican City State)"),
    "VI": ("Virgin Islands of the United States", "United States Virgin Islands", "US Virgin Islands"),
    "AL": ("Shqipëria",),
    "AR": ("Argentine Republic",),
    "BQ": ("Bonaire, Sint Eustatius and Saba",),
    "CH": ("Swiss Confederation",),
    "DM": ("Commonwealth of Dominica",),
    "ER": ("State of Eritrea",),
    "FR": ("French Republic", "République française"),
    "GA": ("Gabonese Republic",),
    "GR": ("Hellenic Republic",),
    "GY": ("Republic of Guyana", "Co-operative Republic of Guyana"),
    "IT": ("Italian Republic", "Repubblica Italiana"),
    "KG": ("Kyrgyz Republic",),
    "LB": ("Lebanese Republic",),
    "ML": ("Republic of Mali",),
    "PT": ("Portuguese Republic", "República Portuguesa"),
    "RW": ("Rwandese Republic", "Republic of Rwanda"),
    "TG": ("Togolese Republic",),
    "UM": ("United States Minor Outlying Islands",),
    "DE": ("Bundesrepublik Deutschland", "BRD"),
    "AT": ("Republik Österreich",),
    "WS": ("Independent State of Samoa", "Western Samoa"),
}
"""What people write and CLDR does not list first; among them names of ISO 3166, with which forms fill their lists."""

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
    for name, code in own_names():
        names.setdefault(name_key(name), {code})
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


def own_names() -> Iterator[tuple[str, str]]:
    """What each country is called in its own languages, with its two letters."""
    for code in get_global("territory_languages"):
        for language in get_official_languages(code, regional=True, de_facto=True):
            try:
                name = Locale.parse(language).territories.get(code)
            except UnknownLocaleError:
                continue
            if name and len(code) == 2 and code not in NO_COUNTRIES:
                yield name, code


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
