"""What reading one event costs with each shipped preset, on one core: `python -m benchmarks.presets [--json]`.

The bodies are the samples that the tests read; of each preset, the one that yields the most answers an event. Of an
ids-only sender the event is read twice, as the webhook and with what is fetched for it. The reference is `json.loads`
of the standard library on the same content as JSON, the fetched answers with it.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from bridge import intake
from bridge.hooks.presets import SHIPPED
from bridge.intake.samples import read_sample
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.intake import Preset
    from bridge.model import Event

ROUNDS = 7
CALLS = 100


def main() -> None:
    """Print microseconds an event for each preset, the fastest of several rounds, the dearest last."""
    measured = sorted(_measured(), key=lambda one: float(one["microseconds"]))
    if "--json" in sys.argv[1:]:
        print(json.dumps({"presets": measured}, indent=2))
        return
    print(f"{'preset':26} {'bytes':>7} {'events':>6} {'answers':>7} {'us an event':>12} {'x json.loads':>13}")
    for one in measured:
        print(
            f"{one['preset']:26} {one['bytes']:7} {one['events']:6} {one['answers']:7} {one['microseconds']:12.1f} "
            f"{one['ratio']:13.1f}"
        )
    median, dearest = (measured[at]["microseconds"] for at in (len(measured) // 2, -1))
    print(f"median {median:.1f} us, the dearest {dearest:.1f} us")


def _measured() -> Iterator[dict[str, Any]]:
    presets, problems = intake.load_presets(SHIPPED)
    assert not problems, problems
    best: dict[str, tuple[int, dict[str, Any]]] = {}
    for path in SAMPLES:
        case = json.loads(path.read_text(encoding="utf-8"))
        answers = sum(len(event["answers"]) for event in case["events"])
        if case["events"] and answers >= best.get(case["preset"], (-1, {}))[0]:
            best[case["preset"]] = answers, case
    for name, (_, case) in best.items():
        yield _measure(presets[name], case)


def _measure(preset: Preset, case: dict[str, Any]) -> dict[str, Any]:
    request = read_sample(case).request
    verified = intake.verify(request, intake.NoVerification(), {}, now=0)

    def read() -> tuple[Event, ...]:
        events = intake.read_events(preset, verified, intake.parse(verified, preset.body))
        if "fetched" not in case:
            return events
        return tuple(intake.completed(preset.recipe, event, case["fetched"]) for event in events)

    events = read()
    reference = json.dumps([case.get("body", case.get("form", case.get("text", {}))), case.get("fetched")])
    seconds = _fastest(read) / len(events)
    return {
        "preset": preset.name,
        "bytes": len(request.body),
        "events": len(events),
        "answers": sum(len(event.answers) for event in events),
        "microseconds": round(seconds * 1e6, 1),
        "ratio": round(seconds / (_fastest(lambda: json.loads(reference)) / len(events)), 1),
    }


def _fastest(call: Callable[[], object]) -> float:
    """Seconds a call in the fastest of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(CALLS):
            call()
        rounds.append((time.perf_counter() - started) / CALLS)
    return min(rounds)


if __name__ == "__main__":
    main()
