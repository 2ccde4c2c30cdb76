"""Whole readings of every preset, verbs, paths, templates and mapping files, at growing sizes.

They are found in the product (presets, verbs, functions of path expressions), so that what is added is among them.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
from jmespath.functions import Functions

from bridge import intake
from bridge.errors import PathError
from bridge.expressions import compile_path
from bridge.hooks.folder import judge
from bridge.hooks.hook import Hook
from bridge.intake.samples import shipped_sample
from bridge.intake.verification.template import read_template
from bridge.mapping.values.verbs import VERBS
from bridge.zoho.answers import read_envelope
from tests.fuzz.targets import presets
from tests.growth.bodies import JSON, READING, Subject, dump, hook, objects, read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.mapping import HookMapping

PUMPS: Final = (
    "a ",
    "1",
    "12-",
    "a@",
    "'",
    '"',
    "\\",
    ", ",
    "&amp;",
    "\u0301\u0316",
    "(",
    "{",
    "%",
    "\n",
    "=?",
    "||",
    "[",
)


def of_preset(name: str) -> Iterator[Subject]:
    """A preset's own sample with each of its lists longer, each of its objects larger, and all of its texts longer."""
    sample = shipped_sample(name)
    assert sample is not None
    read, headers = partial(read_whole, hook(name)), dict(sample.request.headers)
    kind = headers.get("content-type", "")
    try:
        value = orjson.loads(sample.request.body)
    except orjson.JSONDecodeError:
        body = sample.request.body
        if "form" in kind:
            value = [field.partition("=") for field in body.decode().split("&")] if "multipart" not in kind else []
            for text in ("%s%d=%s", "%s[%d]=%s") if value else ():
                yield Subject(name=f"{name}: {text}", make=partial(_more_fields, value, text, headers), run=read)
        return
    for way in _ways(value):
        at = ".".join(map(str, way)) or "body"
        yield Subject(name=f"{name}: {at}", make=partial(_grown, value, way, headers), run=read)
    yield Subject(name=f"{name}: texts", make=partial(_long_texts, value, headers), run=read)


def _more_fields(fields: list[Any], text: str, headers: dict[str, str], n: int) -> tuple[bytes, dict[str, str]]:
    more = [text % (name, i, value) for i in range(n // len(fields) + 1) for name, _, value in fields]
    return "&".join([f"{name}={value}" for name, _, value in fields] + more).encode(), headers


def _ways(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the lists and objects of a value are; of a list only what its first item holds."""
    if isinstance(value, dict):
        yield way
        for key, inner in value.items():
            yield from _ways(inner, (*way, key))
    elif isinstance(value, list) and value:
        yield way
        yield from _ways(value[0], (*way, 0))


def _grown(value: Any, way: tuple[str | int, ...], headers: dict[str, str], n: int) -> tuple[bytes, dict[str, str]]:
    def at(inner: Any, rest: tuple[str | int, ...]) -> Any:
        if not rest and isinstance(inner, dict):
            names = list(inner) or ["email"]
            return {**inner, **{f"{names[i % len(names)]} {i}": inner.get(names[i % len(names)], "") for i in range(n)}}
        if not rest:
            return [_numbered(item, i) for i in range(n // len(inner) + 1) for item in inner]
        if isinstance(inner, dict):
            return {**inner, rest[0]: at(inner[rest[0]], rest[1:])}
        return [at(inner[0], rest[1:]), *inner[1:]]

    return dump(at(value, way)), headers


def _numbered(item: Any, number: int) -> Any:
    """An item whose texts differ from those of the others."""
    if isinstance(item, dict):
        return {key: f"{inner} {number}" if isinstance(inner, str) and number else inner for key, inner in item.items()}
    return f"{item} {number}" if isinstance(item, str) and number else item


def _long_texts(value: Any, headers: dict[str, str], n: int) -> tuple[bytes, dict[str, str]]:
    count = iter(range(10**9))

    def at(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {key: at(one) for key, one in inner.items()}
        if isinstance(inner, list):
            return [at(one) for one in inner]
        return inner + PUMPS[next(count) % len(PUMPS)] * n if isinstance(inner, str) else inner

    return dump(at(value)), headers


SHORT: Final = {"name": "names.parts reads at most 500 characters"}
"""Verbs whose work grows faster than their text, and what keeps that text short."""


def verbs() -> Iterator[Subject]:
    """Every verb of the table, as its documentation writes it, over long texts of all kinds and long lists of them."""
    for verb in (one for one in VERBS if one.name not in SHORT):
        found = _field(verb.example[0])
        for number, pump in enumerate(PUMPS):
            yield Subject(
                name=f"{verb.name}: {pump!r}", make=partial(_text_or_list, pump, number), run=partial(_apply, found)
            )


def _text_or_list(pump: str, number: int, n: int) -> Any:
    return {"x": [f"{pump}{i}" for i in range(n)] if number % 2 else pump * n, "email": "ada@example.com"}


def _field(written: str) -> HookMapping:
    text = (
        READING.format(preset="json", each="")
        .replace("{from: item.email}, ", "")
        .replace("actions:", f"  X: {written}\nactions:")
    )
    found = judge(text, name="growth", file="growth.yaml", presets=presets())
    assert found.mapping is not None, found.problems
    return found.mapping


def _apply(found: HookMapping, body: Any) -> None:
    read_whole(
        Hook(name="growth", preset=presets()["json"], scheme=intake.NoVerification(), secrets={}, mapping=found),
        (dump(body), {"content-type": JSON}),
    )


PATHS: Final = (
    "body.a.b",
    "body.a[0]",
    'body["a b"].c',
    "body.a[-1]",
    "body.a[*].n",
    "body.a[?n > `3`].email",
    "body.a[].note",
    "body.a[1:-1:2]",
    "body.a[::-1]",
    "body.*.n",
    "body.a[*].{x: n, y: email}",
    "body.a[*].[n, email] | []",
    "body.a | [0]",
    "body.a[?email == 'x' || !n && note != `null`]",
    "body.a[*].n | [?@ < `2`]",
    "[body.a, body.a][]",
)  # fmt: skip
CALLS: Final = {
    "contains": "contains(body.t, 'zz')",
    "ends_with": "ends_with(body.t, 'z')",
    "starts_with": "starts_with(body.t, 'z')",
    "join": "join(',', body.a[*].email)",
    "map": "map(&email, body.a)",
    "max_by": "max_by(body.a, &n)",
    "min_by": "min_by(body.a, &n)",
    "sort_by": "sort_by(body.a, &n)",
    "merge": "merge(body.o, body.o)",
    "not_null": "not_null(body.z, body.t)",
    "sort": "sort(body.a[*].n)",
    "avg": "avg(body.a[*].n)",
    "max": "max(body.a[*].n)",
    "min": "min(body.a[*].n)",
    "sum": "sum(body.a[*].n)",
    "abs": "abs(body.a[0].n)",
    "ceil": "ceil(body.a[0].n)",
    "floor": "floor(body.a[0].n)",
    "keys": "keys(body.o)",
    "values": "values(body.o)",
}  # fmt: skip
"""How functions are called that take more than one value or want one of a type; all others are given a list."""


def paths() -> Iterator[Subject]:
    """Every form of path expression and every function of JMESPath."""
    calls = [CALLS.get(name, f"{name}(body.a)") for name in Functions.FUNCTION_TABLE]
    for path in (*PATHS, *calls):
        yield Subject(name=path, make=_scope, run=compile_path(path)[1])


def _scope(n: int) -> Any:
    return {"body": {"a": objects(n), "o": {f"k{i}": i for i in range(n)}, "t": "z y" * n}}


YAML: Final[dict[str, Callable[[int], str]]] = {
    "keys": lambda n: "".join(f"k{i}: v\n" for i in range(n // 3)),
    "fields": lambda n: READING.replace(
        "actions:", "".join(f"  F{i}: {{{{answer: q{i}}}}}\n" for i in range(n)) + "actions:"
    ),
    "misspelt": lambda n: READING.replace(
        "actions:", "".join(f"  F{i}: {{{{anwser: q{i}}}}}\n" for i in range(n // 3)) + "actions:"
    ),
    "equal keys": lambda n: "a: 1\n" * n,
    "anchors": lambda n: (
        "".join(f"k{i}: &a{i} [x]\n" for i in range(n // 3)) + "".join(f"l{i}: *a{i}\n" for i in range(n // 3))
    ),
    "nesting": lambda n: "a: " + "[" * n + "]" * n,
    "unclosed": lambda n: "preset: json\n" * n + "lead: {a: 'b\n",
    "long line": lambda n: "lead: {" + "a: b " * 20 * n + "\n",
    "table": lambda n: READING.replace(
        "answer: birthday, as: date", "answer: b, lookup: {{" + ", ".join(f"k{i}: v{i}" for i in range(n)) + "}}"
    ),
    "conditions": lambda n: READING.replace(
        "actions:", "when: {{any: [" + ", ".join(f"{{{{answer: q{i}, is: x}}}}" for i in range(n)) + "]}}\nactions:"
    ),
}


def files() -> Iterator[Subject]:
    """Mapping files of many parts and many mistakes, the template of a signed text, paths, and Zoho's answers."""

    def read(text: str) -> None:
        judge(text, name="growth", file="growth.yaml", presets=presets())

    for name, make in YAML.items():
        yield Subject(name=f"mapping: {name}", make=partial(_written, make), run=read)
    yield Subject(name="template", make=lambda n: "{body}.{header:a|b}{" * n, run=read_template)
    yield Subject(name="path", make=lambda n: "body" + ".a[0]" * n, run=_path)
    for name, answer in {
        "answer of names": lambda n: dump({f"CODE{i}": i for i in range(n)}),
        "answer of lists": lambda n: dump({"response": {"code": "0", "data": [{"a": i} for i in range(n)]}}),
        "answer of XML": lambda n: b"<r>" + b"<code>1</code>" * n + b"</r>",
        "answer of blanks": lambda n: dump({"message": "wait 1 " * n + "x"}),
    }.items():
        yield Subject(name=name, make=answer, run=partial(read_envelope, 200))


def _written(make: Callable[[int], str], n: int) -> str:
    text = make(n)
    return text.format(preset="json", each="").replace("{from: item.email}, ", "") if "{preset}" in text else text


def _path(text: str) -> None:
    with suppress(PathError):
        compile_path(text)
