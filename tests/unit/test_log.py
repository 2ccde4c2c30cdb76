"""Log lines: JSON, declared, and without addresses."""

from __future__ import annotations

import io
from collections.abc import Iterator

import orjson
import pytest
import structlog

from bridge import log


@pytest.fixture
def stream() -> Iterator[io.TextIOWrapper]:
    """Standard output's stand-in, with logging set up on it."""
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


def test_only_declared_names_can_be_logged(stream: io.TextIOWrapper) -> None:
    with pytest.raises(ValueError, match="not declared"):
        log.get_logger().info("something.happened")
    assert lines(stream) == []


def test_a_fault_of_ours_is_logged_without_its_text(stream: io.TextIOWrapper) -> None:
    try:
        raise RuntimeError("ada@example.com")
    except RuntimeError as error:
        log.broke(error, hook="typeform")
    (line,) = lines(stream)
    assert line["event"] == "code.broke"
    assert line["error"] == "RuntimeError"
    assert "ada" not in str(line)


def test_a_lead_id_is_stable_for_one_key_and_tells_nothing_about_the_address() -> None:
    first = log.lead_id(b"key", "ada@example.com")
    assert first == log.lead_id(b"key", "ada@example.com")
    assert first != log.lead_id(b"other", "ada@example.com")
    assert "ada" not in first
    assert log.lead_id(b"key", "") == ""
