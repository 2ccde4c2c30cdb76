"""What gunicorn says, as lines of the service's own log."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import pytest
from gunicorn.config import Config

from bridge import log
from bridge.web.server.logger import Logger


@pytest.fixture
def logger(capfd: pytest.CaptureFixture[str]) -> Logger:
    log.configure(stream=sys.__stdout__)
    return Logger(Config())


def written(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out, errors = capfd.readouterr()
    assert errors == ""
    lines: list[dict[str, Any]] = [orjson.loads(line) for line in out.splitlines()]
    assert not any(log.undeclared(line) for line in lines)
    return lines


def test_what_it_says_about_processes_is_kept(logger: Logger, capfd: pytest.CaptureFixture[str]) -> None:
    logger.error("Worker (pid:%s) was sent %s!", 12, "SIGKILL")
    logger.critical("WORKER TIMEOUT (pid:%s)", 12)
    logger.info("Booting worker")
    levels = [(line["level"], line["message"]) for line in written(capfd)]
    assert levels == [("error", "Worker (pid:12) was sent SIGKILL!"), ("critical", "WORKER TIMEOUT (pid:12)")]


def test_of_a_request_only_the_kind_of_error_is_written(logger: Logger, capfd: pytest.CaptureFixture[str]) -> None:
    logger.warning("Invalid request from ip={ip}: {error}".format(ip="192.0.2.1", error="POST /?token=PLANTED"))
    try:
        raise ValueError("PLANTED")
    except ValueError:
        logger.exception("Error handling request %s %s", "GET", "/?token=PLANTED")
    malformed, failed = written(capfd)
    assert (malformed["event"], malformed["why"]) == ("request.rejected", "malformed")
    assert (failed["event"], failed["error"]) == ("server.logged", "ValueError")
    assert "PLANTED" not in f"{malformed}{failed}"


def test_libraries_write_their_text_without_its_values(logger: Logger, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("somebody.elses").warning("no room for %s", "ada@example.com")
    (line,) = written(capfd)
    assert (line["event"], line["logger"], line["message"]) == ("library.logged", "somebody.elses", "no room for %s")
