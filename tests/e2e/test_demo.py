"""`leadbridge demo` as a stranger runs it."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from tests.e2e.conftest import LEADBRIDGE, Processes
from tests.waiting import PATIENCE_SECONDS, wait_until


class Demo:
    """A running demo, with a folder of its own for everything temporary."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        settings = {"TMPDIR": str(self.temporary)}
        self.processes = Processes((*LEADBRIDGE, "demo", *arguments), folder, settings, "demo")

    @property
    def story(self) -> str:
        return self.processes.output.read_text()

    def running(self) -> list[int]:
        """The processes that carry the demo's temporary folder in their environment, whatever session they are of."""
        mark = f"TMPDIR={self.temporary}".encode()
        return [pid for pid in (int(one.name) for one in Path("/proc").glob("[0-9]*")) if mark in _environment(pid)]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it is gone
        return []


def assert_ended(demo: Demo) -> None:
    """It said no error, and nothing of it is left."""
    assert demo.processes.errors.read_text() == ""
    assert demo.running() == []
    assert list(demo.temporary.iterdir()) == []


def test_the_demo_reports_its_story_and_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    assert demo.processes.process.wait(PATIENCE_SECONDS) == 0
    assert_ended(demo)
    for line in (
        r"1\. Ada fills in a Typeform\n   POST /hooks/typeform  ->  202",
        r"evt_1: seen before, nothing new is stored",
        r"evt_\d+: ignored, no consent",
        r"evt_\d+: refused, \S+",
        r"refused at the door \(401\)",
        r"list Newsletter: ada@example.com \(active\)",
        r"list Webinar: alan@example.net \(unconfirmed\)",
        r"journey Welcome: ada@example.com",
        r"lock-outs: 0",
    ):
        assert re.search(line, demo.story), f"{line} is not in:\n{demo.story}"


def test_a_kept_demo_stays_until_ctrl_c_although_it_was_started_in_the_background(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for what ends in &
    demo = Demo(tmp_path, "--keep")
    signal.signal(signal.SIGINT, before)
    wait_until(lambda: "Ctrl-C ends it." in demo.story)
    assert len(demo.running()) > 5
    assert demo.processes.stop(signal.SIGINT) == 0
    assert "Stopping." in demo.story
    assert_ended(demo)


def test_sigterm_ends_a_demo_that_is_starting(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    wait_until(lambda: len(demo.running()) > 2)
    demo.processes.stop(signal.SIGTERM)
    assert demo.running() == []
    assert list(demo.temporary.iterdir()) == []


def test_a_demo_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "--keep")
    wait_until(lambda: len(demo.running()) > 5)
    os.kill(demo.processes.pid, signal.SIGKILL)
    demo.processes.process.wait()
    wait_until(lambda: demo.running() == [])
