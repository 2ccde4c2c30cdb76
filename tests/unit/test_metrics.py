"""The page that Prometheus reads."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bridge import metrics
from bridge.metrics.page import page

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = """
from bridge import metrics
metrics.count(metrics.EVENTS, "form", "accepted", by=2)
metrics.observe(metrics.ANSWER_SECONDS, 0.004)
"""


def values(text: bytes) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_what_several_processes_counted_is_added_up_and_outlives_them(tmp_path: Path) -> None:
    for _ in range(2):
        environment = os.environ | {metrics.FOLDER: str(tmp_path)}
        subprocess.run([sys.executable, "-c", COUNTS], env=environment, check=True)
    found = values(page([], folder=str(tmp_path)))
    assert found["leadbridge_events_total[('hook', 'form'), ('state', 'accepted')]"] == 4
    assert found["leadbridge_answer_seconds_bucket[('le', '0.005')]"] == 2
    assert found["leadbridge_answer_seconds_bucket[('le', '0.002')]"] == 0


def test_how_things_stand_is_shown_as_it_is_given() -> None:
    shown = page([(metrics.UP, (), 1), (metrics.LOCKED, ("default", "trigger"), 90.5)], folder="")
    found = values(shown)
    assert found["leadbridge_outbox_up[]"] == 1
    assert found["leadbridge_lock_remaining_seconds[('account', 'default'), ('api', 'trigger')]"] == 90.5


def test_one_process_alone_shows_its_own_counts() -> None:
    metrics.count(metrics.REJECTED, "alone", "signature")
    found = values(page([], folder=""))
    assert found["leadbridge_rejected_total[('hook', 'alone'), ('why', 'signature')]"] == 1


@pytest.mark.parametrize("metric", metrics.METRICS, ids=lambda metric: str(metric.name))
def test_every_metric_is_named_and_explained_as_prometheus_asks(metric: metrics.Metric) -> None:
    assert metric.description.endswith(".")
    assert metric.name.endswith("_total") == (metric.type is metrics.Type.COUNTER)
    assert bool(metric.buckets) == (metric.type is metrics.Type.HISTOGRAM)


def test_threads_that_count_a_metric_for_the_first_time_at_once_all_count() -> None:
    script = """
import sys, threading
from bridge import metrics
from bridge.metrics.page import page
sys.setswitchinterval(1e-6)
barrier, failed = threading.Barrier(16), []
def count():
    barrier.wait()
    try:
        metrics.count(metrics.REQUESTS, "form", "202")
        metrics.observe(metrics.ANSWER_SECONDS, 0.1)
    except Exception as error:
        failed.append(error)
threads = [threading.Thread(target=count) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
shown = page((), folder="").decode()
assert not failed, failed
assert 'leadbridge_requests_total{hook="form",status="202"} 16.0' in shown, shown
assert "leadbridge_answer_seconds_count 16.0" in shown, shown
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
