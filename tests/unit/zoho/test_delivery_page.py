"""The page on delivering has every API and every code, in the words of their declarations.

Run as a program, it writes the tables of docs/delivery.md again.
"""

from __future__ import annotations

import re
from pathlib import Path

from bridge.zoho.apis import APIS
from bridge.zoho.code_meaning import Code
from bridge.zoho.codes import CODES
from bridge.zoho.overrides import OVERRIDES

PAGE = Path(__file__).parents[3] / "docs" / "delivery.md"
_TABLE = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def tables() -> dict[str, list[tuple[str, ...]]]:
    """The rows of every table, the header first."""
    apis = [
        (
            api.title,
            f"`{api.name}`",
            str(api.limit),
            f"{api.window_ms // 60_000} min",
            str(api.batch),
            f"[page]({api.docs})",
        )
        for api in APIS.values()
    ]
    codes = [_row(code, "", known) for code, known in CODES.items()]
    codes += [_row(code, api, known) for (api, code), known in OVERRIDES.items()]
    return {
        "apis": [("API", "name", "calls", "in", "leads a call", "source"), *apis],
        "codes": [("code", "of", "means", "we", "source"), *codes],
    }


def refreshed(text: str) -> str:
    """The page with its tables as the declarations have them."""
    made = tables()
    return _TABLE.sub(lambda found: f"<!-- table: {found[1]} -->\n{_drawn(made[found[1]])}\n<!-- end -->", text)


def test_the_page_has_every_api_and_every_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- table: (\w+) -->", text)) == set(tables())
    assert text == refreshed(text), "run `python tests/unit/zoho/test_delivery_page.py`"


def _row(code: str, api: str, known: Code) -> tuple[str, ...]:
    return (f"`{code}`", api, known.description, known.judgement.value, f"[source]({known.url})")


def _drawn(rows: list[tuple[str, ...]]) -> str:
    header, *body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([header, "|" + "---|" * len(rows[0]), *body])


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
