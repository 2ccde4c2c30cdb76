"""Log lines: JSON, declared, and without addresses."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import orjson
import pytest
import structlog

import bridge
from bridge import log
from bridge.log import schema
from bridge.log.lines import EVENTS


@pytest.fixture
def stream() -> Iterator[io.TextIOWrapper]:
    """Standard output's pseudonym, with logging set up on it."""
    log.start_request("")  # what a test before this one answered is over
    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    log.configure(stream=text)
    yield text
    structlog.reset_defaults()


def lines(stream: io.TextIOWrapper) -> list[dict[str, object]]:
    """Every line written so far."""
    stream.seek(0)
    return [orjson.loads(line) for line in stream.read().splitlines()]


def test_a_line_is_one_json_object_with_its_name_level_and_time(stream: io.TextIOWrapper) -> None:
    log.get_logger(hook="typeform").info("event.recorded", event_id="evt_1", state="accepted")
    (line,) = lines(stream)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {
        "event": "event.recorded",
        "level": "info",
        "hook": "typeform",
        "event_id": "evt_1",
        "state": "accepted",
    }


HOSTILE = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x61C, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]))


def test_no_control_character_stands_raw_in_a_json_line(stream: io.TextIOWrapper) -> None:
    log.info("event.recorded", hook=f"Zoë{HOSTILE}")
    log.get_logger().info("event.recorded", hook=f"Zoë{HOSTILE}")
    stream.seek(0)
    text = stream.read()
    assert set(HOSTILE) & set(text) == {"\n"}
    assert [line["hook"] for line in lines(stream)] == [f"Zoë{HOSTILE}"] * 2


def test_no_control_character_stands_raw_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    log.configure(stream=terminal)
    log.info("event.recorded", hook=f"Zoë{HOSTILE}")
    structlog.reset_defaults()
    text = terminal.getvalue()
    assert "Zoë" in text
    assert set(HOSTILE) & set(text) == {"\n"}


def test_the_short_way_to_a_line_writes_the_same_line(stream: io.TextIOWrapper) -> None:
    log.start_request("r1")
    log.get_logger(hook="form").info("event.recorded", state="accepted")
    log.info("event.recorded", hook="form", state="accepted")
    log.start_request("")
    with pytest.raises(ValueError, match="not declared"):
        log.info("something.happened")
    first, second = lines(stream)
    assert first.pop("timestamp") <= second.pop("timestamp")  # type: ignore[operator]
    assert first == second


def test_the_short_way_keeps_silent_where_lines_of_its_level_do() -> None:
    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    log.configure(level="warning", stream=text)
    log.info("event.recorded", hook="form")
    assert lines(text) == []
    structlog.reset_defaults()


def test_only_declared_names_can_be_logged(stream: io.TextIOWrapper) -> None:
    with pytest.raises(ValueError, match="not declared"):
        log.get_logger().info("something.happened")
    assert lines(stream) == []


def test_a_error_of_ours_is_logged_without_its_text(stream: io.TextIOWrapper) -> None:
    try:
        raise RuntimeError("ada@example.com")
    except RuntimeError as error:
        log.broke(error, hook="typeform")
    (line,) = lines(stream)
    assert line["event"] == "code.broke"
    assert line["error"] == "RuntimeError"
    assert "ada" not in str(line)


def test_a_lead_id_is_stable_for_one_key_and_reports_nothing_about_the_address() -> None:
    first = log.lead_id(b"key", "ada@example.com")
    assert first == log.lead_id(b"key", "ada@example.com")
    assert first != log.lead_id(b"other", "ada@example.com")
    assert "ada" not in first
    assert log.lead_id(b"key", "") == ""


def test_whole_addresses_are_shown_only_when_asked(stream: io.TextIOWrapper) -> None:
    log.configure(stream=stream, addresses=True)
    assert log.lead_id(b"key", "ada@example.com") == "ada@example.com"
    log.configure(stream=stream)
    assert log.lead_id(b"key", "ada@example.com").startswith("lead_")


def test_an_undeclared_field_is_reported() -> None:
    line = {"event": "outbox.purged", "level": "info", "timestamp": "t", "bodies": 1, "surprise": 2}
    assert log.undeclared(line) == {"surprise"}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the product whose first argument is the name of a log line."""
    for path in Path(bridge.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), node


def test_every_line_the_code_writes_is_declared_with_its_fields_and_every_declared_one_is_written() -> None:
    written = {name for name, _ in _calls() if name in EVENTS}
    own = {"known"}  # how the web face names a hook in its metrics
    for name, call in _calls():
        if name in EVENTS:
            fields = {keyword.arg for keyword in call.keywords if keyword.arg} - own
            assert fields <= set(EVENTS[name].fields.split()), f"{name} at line {call.lineno}"
        elif re.fullmatch(r"[a-z]+\.[a-z_]+", name) and getattr(call.func, "attr", "") in log.LEVELS:
            pytest.fail(f"{name} at line {call.lineno} is not declared")
    source = "".join(path.read_text() for path in Path(bridge.__file__).parent.rglob("*.py") if path.name != "lines.py")
    assert [name for name in EVENTS if name not in written and f'"{name}"' not in source] == []


def test_the_committed_schema_is_the_one_of_the_declared_lines() -> None:
    assert schema.FILE.read_text() == schema.as_text(), "python -m bridge.log.schema writes it again"


def test_every_type_is_that_of_a_field_and_every_field_has_one_type() -> None:
    assert set(schema.TYPES) <= {field for line in EVENTS.values() for field in line.fields.split()}
    assert all(one for line in schema.build()["oneOf"] for one in line["properties"].values())


def test_a_time_a_number_and_a_text_are_distinguished_by_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema.build())
    line = {"event": "api.failing", "level": "warning", "timestamp": "2026-03-04T15:00:00Z", "failures": 2}
    assert validator.is_valid(line | {"until": "2026-03-04T15:00:00Z"})
    assert not validator.is_valid(line | {"until": 1_795_889_950_392})
    assert not validator.is_valid(line | {"failures": "2"})
