"""Countries are known by their codes and by the names people give them."""

from __future__ import annotations

import pytest

from bridge.mapping.values.countries import country_code


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
    ],
)
def test_what_is_no_country_has_no_code(named: object) -> None:
    assert country_code(named) == ""
