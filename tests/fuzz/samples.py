"""The samples of every preset, changed at random, through the whole receiver over a real outbox.

Whatever a sender puts where a value stood: it is answered with what was stored or with the reason, never with 5xx, and
no event is refused because our own code failed. `python -m tests.fuzz.samples --seconds 600` runs it for long.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from bridge import bootstrap, config, log
from bridge.intake.samples import read_sample
from bridge.web import receiver_app
from tests.fuzz.targets import MAPPING, presets
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from bridge.model import Request

VALUES: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 10**18, 10**40, 1.5, 1e308, float("nan"), "", " ", "\x00", "\ud800", "\udc80x", "\x1b]0;x\x07",
    "a" * 5_000, "\u0301\u0316" * 300, "\u202e", "🏳️\u200d🌈", "<b>", "{{x}}", "%s%n", "../..", "1e999", "2026-13-45",
    [], {}, [[]], [{}], {"": ""}, {"$ref": "#"}, [None] * 50, {"a": {"b": [{"c": "d"}]}}, "ada@example.com",
)  # fmt: skip
NAMES: Final = ("", "\ud800", "\x00", "email", "a.b", "a[0]", "__proto__", "x" * 600, "é\u0301")


@contextmanager
def receiver() -> Iterator[FlaskClient]:
    """A receiver with an open hook for each preset, named as it."""
    with TemporaryDirectory(prefix="leadbridge-samples-") as folder:
        log.configure(level="critical")
        for name in presets():
            (Path(folder) / f"{name}.yaml").write_text(MAPPING.format(preset=name), "utf-8")
        environ = {"LEADBRIDGE_DATABASE_URL": f"sqlite:///{folder}/outbox.db", "LEADBRIDGE_MAPPINGS": folder}
        opened = bootstrap.open_receiver(config.load(environ), environ)
        try:
            yield receiver_app(opened).test_client()
        finally:
            opened.outbox.close()


def post_changed(client: FlaskClient, sample: Path, chance: random.Random) -> int:
    """Post a sample, changed; the status of the answer. Raises AssertionError for one that must not be."""
    case = json.loads(sample.read_text("utf-8"))
    parts = [name for name in ("body", "form", "multipart", "query", "headers") if case.get(name)]
    for part in chance.choices(parts, k=chance.randint(1, 4)) if parts else ():
        if part == "body":
            case[part] = _changed(case[part], chance)
        else:
            case[part] |= {chance.choice(list(case[part])): _text(chance)}
    request = read_sample(case).request
    status, answer = _post(client, case["preset"], request, chance)
    assert status in (200, 201, 202, 400, 401, 403, 405, 413, 415, 422), (status, answer)
    assert '"internal"' not in answer, answer
    return status


def _text(chance: random.Random) -> str:
    return str(chance.choice(VALUES)).encode("utf-8", "replace").decode()


def _changed(value: Any, chance: random.Random) -> Any:
    """The value with one of its parts changed, taken out, renamed or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.95:
        name = chance.choice(list(value))
        rest = {key: inner for key, inner in value.items() if key != name}
        kind = chance.random()
        if kind < 0.05:
            return rest
        if kind < 0.15:
            return rest | {chance.choice(NAMES): value[name]}
        return value | {name: _changed(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.95:
        at = chance.randrange(len(value))
        changed = [*value[:at], _changed(value[at], chance), *value[at + 1 :]]
        return changed * chance.choice((1, 1, 1, 1, 2, 30))
    return chance.choice(VALUES)


def _post(client: FlaskClient, hook: str, request: Request, chance: random.Random) -> tuple[int, str]:
    headers = {
        name: "".join(char for char in value if " " <= char <= "\xff" and char != "\x7f")
        for name, value in request.headers.items()
        if name.isascii() and name.isprintable() and name
    }
    body = request.body
    if chance.random() < 0.1:
        at = chance.randrange(len(body) + 1)
        body = body[:at] + chance.randbytes(chance.randint(0, 3)) + body[at + chance.randint(0, 3) :]
    if chance.random() < 0.1:
        body, headers["content-encoding"] = (
            gzip.compress(body, mtime=0),
            chance.choice(("gzip", "deflate", "gzip, gzip")),
        )
    query = request.url.partition("?")[2]
    answer = client.open(f"/hooks/{hook}", method=request.method, query_string=query, data=body, headers=headers)
    return answer.status_code, answer.get_data(as_text=True)


def run(seed: int, *, requests: int = sys.maxsize, seconds: float = float("inf")) -> Counter[int]:
    """Post so many requests or for so long, the samples in turn: how many got each status."""
    ends_at, statuses = time.monotonic() + seconds, Counter[int]()
    with receiver() as client:
        while statuses.total() < requests and time.monotonic() < ends_at:
            number = statuses.total()
            sample = SAMPLES[number % len(SAMPLES)]
            try:
                statuses[post_changed(client, sample, random.Random(f"{seed}/{number}"))] += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}, request {number}, {sample.name}") from error
    return statuses


def main() -> None:
    """Run for so long and print what was answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.samples", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    statuses = run(options.seed, seconds=options.seconds)
    print(f"samples: seed {options.seed}, {statuses.total()} requests, {dict(statuses)}, 0 failures of our own")


if __name__ == "__main__":
    main()
