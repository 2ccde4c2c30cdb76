"""Every command, setting, metric, log line, alarm and mapping key is documented, in the words of its declaration.

Run as a program, it writes the tables of docs/operations.md again.
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from bridge.cli.commands import GROUPS, module_of
from bridge.config import SETTINGS
from bridge.log.lines import EVENTS
from bridge.metrics import METRICS
from bridge.operations.alarms import ALARMS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"
_TABLE = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def commands() -> Iterator[tuple[str, ...]]:
    for group in GROUPS:
        for name, line in group.commands.items():
            one = importlib.import_module(module_of(name)).command
            options = [
                parameter.opts[-1]
                for parameter in one.params
                if isinstance(parameter, click.Option) and not parameter.hidden
            ]
            yield group.heading, f"`{name}`", line, " ".join(f"`{option}`" for option in options)


def tables() -> dict[str, list[tuple[str, ...]]]:
    """The rows of every table, the header first."""
    return {
        "alarms": [
            ("alarm", "means"),
            *((f'<a id="alarm-{name}"></a>`{name}`', text) for name, text in ALARMS.items()),
        ],
        "commands": [("for", "command", "does", "options"), *commands()],
        "settings": [
            ("setting", "default", "means"),
            *((f"`{one.name}`", f"`{one.default}`" if one.default else "", one.description) for one in SETTINGS),
        ],
        "metrics": [
            ("metric", "type", "labels", "means"),
            *(
                (
                    f"`leadbridge_{one.name}`",
                    one.type.value,
                    " ".join(f"`{label}`" for label in one.labels),
                    one.description,
                )
                for one in METRICS
            ),
        ],
        "lines": [
            ("line", "means", "fields"),
            *(
                (f"`{name}`", line.description, " ".join(f"`{fact}`" for fact in line.fields.split()))
                for name, line in EVENTS.items()
            ),
        ],
    }


def drawn(rows: list[tuple[str, ...]]) -> str:
    header, *body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([header, "|" + "---|" * len(rows[0]), *body])


def refreshed(text: str) -> str:
    """The page with every table as the declarations have it."""
    made = tables()
    return _TABLE.sub(lambda found: f"<!-- table: {found[1]} -->\n{drawn(made[found[1]])}\n<!-- end -->", text)


def test_the_operations_page_has_every_command_setting_metric_line_and_alarm() -> None:
    text = OPERATIONS.read_text()
    assert set(_TABLE_NAMES.findall(text)) == set(tables())
    assert text == refreshed(text), "run `python tests/unit/test_docs.py`"


_TABLE_NAMES = re.compile(r"<!-- table: (\w+) -->")


def test_every_option_of_every_command_explains_itself() -> None:
    for group in GROUPS:
        for name in group.commands:
            for parameter in importlib.import_module(module_of(name)).command.params:
                if isinstance(parameter, click.Option) and not parameter.hidden:
                    assert parameter.help, f"{name} {parameter.opts}"


def test_every_mapping_key_is_documented() -> None:
    schema = json.loads((ROOT / "bridge" / "mapping" / "mapping.schema.json").read_text())
    guide = (ROOT / "mappings" / "README.md").read_text()
    assert [key for key in schema["properties"] if f"`{key}" not in guide and f"{key}:" not in guide] == []


@pytest.mark.parametrize(
    "page",
    [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md", ROOT / "deploy/README.md"],
    ids=lambda page: page.name,
)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


_NAMED = re.compile(r"`((?:bridge|tests|docs|deploy|examples|benchmarks|scripts)/[\w./*-]*[\w*/])`")
_PROGRAM = re.compile(r"python -m ((?:bridge|tests|benchmarks)[\w.]*\w)")


@pytest.mark.parametrize("part", ["docs", "bridge", "tests", "benchmarks", "deploy", "mappings", "*.md"])
def test_every_file_and_program_that_a_text_names_is_there(part: str) -> None:
    pages = [page for end in ("md", "py") for page in ROOT.glob(f"{part}/**/*.{end}")] or [*ROOT.glob(part)]
    assert pages
    for page in pages:
        text = page.read_text()
        named = {*_NAMED.findall(text), *(name.replace(".", "/") + "*" for name in _PROGRAM.findall(text))}
        assert [name for name in named if not any(ROOT.glob(name.rstrip("/")))] == [], page


def test_the_walkthrough_needs_fifteen_files_at_most() -> None:
    linked = set(re.findall(r"\]\((\.\./[^)]+\.(?:py|yaml))\)", (ROOT / "docs/walkthrough.md").read_text()))
    assert 10 <= len(linked) <= 15


def test_the_architecture_names_every_folder_and_module_at_the_top() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    for path in (ROOT / "bridge").iterdir():
        if path.is_dir() and path.name != "__pycache__":
            assert f"`bridge/{path.name}/`" in text, path.name
        elif path.suffix == ".py" and not path.name.startswith("__"):
            assert f"`{path.stem}`" in text, path.name


def test_pages_alert_rules_and_dashboard_speak_of_metrics_that_exist() -> None:
    known = {f"leadbridge_{one.name}" for one in METRICS}
    known |= {f"{name}_{part}" for name in set(known) for part in ("bucket", "sum", "count")}
    shipped = (ROOT / "deploy/prometheus/alerts.yaml", ROOT / "deploy/grafana/leadbridge.json")
    for path in (*shipped, *ROOT.glob("docs/*.md")):
        used = set(re.findall(r"leadbridge_[a-z_]+", path.read_text()))
        assert used - known == set(), path


def test_every_alarm_has_its_place_among_the_incidents() -> None:
    text = (ROOT / "docs/incidents.md").read_text()
    assert [name for name in ALARMS if f"`{name}`" not in text] == []


def test_every_alert_has_a_runbook_that_is_there() -> None:
    rules = (ROOT / "deploy/prometheus/alerts.yaml").read_text()
    links = re.findall(r'runbook_url: "[^"]*/docs/([^"#]+)#?([^"]*)"', rules)
    assert len(links) == rules.count("- alert:")
    for page, anchor in links:
        text = (ROOT / "docs" / page).read_text()
        found = {*re.findall(r'<a id="([^"]+)">', text), *(one.lower() for one in re.findall(r"^#+ (.+)$", text, re.M))}
        for name in ALARMS if "{{" in anchor else ("",):
            wanted = anchor.replace("{{ $labels.name }}", name)
            assert wanted in found or not wanted, (page, anchor)


if __name__ == "__main__":
    OPERATIONS.write_text(refreshed(OPERATIONS.read_text()))
