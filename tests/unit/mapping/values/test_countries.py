"""Countries are known by their codes and by the names people give them."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from bridge.mapping.values import countries
from bridge.mapping.values.countries import country_code

if TYPE_CHECKING:
    from collections.abc import Iterator

ISO: dict[str, list[str]] = orjson.loads(Path(__file__).with_name("iso_3166.json").read_bytes())
"""The English names of ISO 3166: short, official and common ones."""

NAMES: dict[str, list[str]] = orjson.loads(Path(countries.__file__).with_name("countries.json").read_bytes())


@pytest.mark.parametrize(
    ("named", "code"),
    [
        *[(name, "DE") for name in ("DE", "de", "DEU", "Germany", "Deutschland", "Allemagne", "Alemania", "ドイツ")],
        *[(name, "DE") for name in ("Германия", "Γερμανία", "Germany (+49)", "🇩🇪 Germany", "🇩🇪", "  germany ")],
        *[(name, "GB") for name in ("UK", "U.K.", "Great Britain", "England", "The United Kingdom", "GBR")],
        *[
            (name, "GB")
            for name in ("GB - United Kingdom", "UK / Royaume-Uni", "United Kingdom, GB", "GB|Great Britain")
        ],
        *[(name, "US") for name in ("USA", "U.S.A.", "US", "United States", "EE.UU.")],
        *[(name, "CI") for name in ("Côte d’Ivoire", "Cote d'Ivoire", "Ivory Coast")],
        *[(name, "BA") for name in ("Bosnia and Herzegovina", "Bosnia & Herzegovina")],
        *[(name, "TR") for name in ("Türkiye", "Turkiye", "Turkey")],
        *[(name, "GB") for name in ("+44", "0044", " (+44) ", "44", "+4 4", 44)],
        *[(name, "US") for name in ("+1", "1", 1)],
        *[("+1-242", "BS"), ("+1 242", "BS"), ("+7 7", "KZ"), ("+353", "IE"), ("00353", "IE")],
        *[(name, "GB") for name in ("Velká Británie", "Anglie", "Gran Bretaña", "+44 (England)", "England (GB)")],
        *[(name, "CD") for name in ("Congo (Kinshasa)", "Congo-Kinshasa", "DRC", "Kongo (Demokratische Republik)")],
        *[(name, "CD") for name in ("Congo (the Democratic Republic of the)", "Congo (République démocratique du)")],
        *[
            (name, "CG")
            for name in ("Congo", "Republic of the Congo", "Congo (Brazzaville)", "Congo (Republic of the)")
        ],
        *[(name, "KP") for name in ("Korea (Democratic People's Republic of)", "Korea (North)", "DPRK")],
        *[
            (name, "KR")
            for name in ("Korea, Republic of", "Korea (Republic of)", "Korea (South)", "Korea (the Republic of)")
        ],
        *[(name, "SD") for name in ("Sudan", "Sudan (the)", "Sudan, Republic of the")],
        *[(name, "CH") for name in ("CH/Schweiz/Suisse/Svizzera", "Schweiz, Suisse", "Suisse (Schweiz / CH)")],
        *[("US - United States of America (USA)", "US"), ("Türkiye Cumhuriyeti", "TR")],
        *[
            ("Sudan (South)", "SS"),
            ("Guinea (Equatorial)", "GQ"),
            ("Ireland (Northern)", "GB"),
            ("Samoa (American)", "AS"),
        ],
        *[("Saint Martin (Dutch part)", "SX"), ("China (mainland)", "CN"), ("Eswatini (formerly Swaziland)", "SZ")],
        *[
            ("AO", "AO"),
            ("Áo", "AT"),
            ("BI", "BI"),
            ("Bỉ", "BE"),
            ("Germany (since 1990)", "DE"),
            ("Spain (España)", "ES"),
        ],
        *[(name, "IN") for name in ("India", "भारत", "IND", "Inde", "Indien")],
    ],
)
def test_a_country_is_known_by_code_name_and_flag(named: object, code: str) -> None:
    assert country_code(named) == code


@pytest.mark.parametrize(
    "named",
    [
        "",
        "Atlantis",
        "Europe",
        "EU",
        None,
        True,
        356,
        "356",
        "+999",
        "+800",
        "+1-20",
        "-44",
        4.4,
        ["DE"],
        "x" * 1000,
        "FR - Germany",
        "US/Canada",
        "London, GB",
        *("Korea (unified)", "Virgin Islands", "China (Taiwan)", "Georgia (USA)", "State of Georgia", "Congo (both)"),
        *("France (Réunion)", "Serbia and Montenegro", "Guinea (other)", "KR - North Korea", "CG, DR Congo"),
        *(
            "Republic of Atlantis",
            "Republic of",
            "Germany (France)",
            "(",
            ")(",
            ",,,",
            "(((((((a",
            "Korea, Korea, France",
        ),
    ],
)
def test_what_is_no_country_has_no_code(named: object) -> None:
    assert country_code(named) == ""


def _forms(name: str) -> Iterator[str]:
    """A name as lists write it: turned round, with an article, with its state before or behind it."""
    yield from (name, f"The {name}", f"{name} (the)", name.upper(), unicodedata.normalize("NFD", name), f" {name} ")
    last, comma, first = name.partition(", ")
    if comma and first.endswith((" of", " of the")):
        yield from (f"{first} {last}", f"{last} ({first})", f"{last} (the {first})", f"the {first} {last}")
    title, of, rest = name.partition(" of ")
    if of and not comma and "(" not in name:
        article, rest = (" the", rest[4:]) if rest.startswith("the ") else ("", rest)
        if title.endswith(("Republic", "Kingdom", "States", "State", "Commonwealth", "Union", "Duchy", "Principality")):
            yield from (f"{rest}, {title} of{article}", f"{rest} ({title} of{article})")


def test_every_name_of_iso_3166_is_known_in_the_forms_of_lists() -> None:
    forms = [(code, form) for code, names in ISO.items() for name in names for form in _forms(name)]
    written = [(code, text) for code, form in forms for text in (form, f"{code} - {form}", f"{form} ({code})")]
    assert [(code, text) for code, text in written if country_code(text) != code] == []


def test_every_name_of_the_table_is_known_with_its_code() -> None:
    assert [code for code in NAMES if not country_code(code) == country_code(code.lower()) == code] == []
    for code, name in ((code, name) for code, names in NAMES.items() for name in names):
        found = country_code(name)
        assert found == code or name.upper() in NAMES, name
        assert country_code(f"{name} ({code})") in (code, "" if name.upper() in NAMES else code), name


def test_no_name_means_two_countries() -> None:
    names = [name for some in NAMES.values() for name in some]
    assert len(names) == len(set(names))
    assert set(ISO) <= set(NAMES)
