"""What is tried at growing sizes, and the bodies among it: of every form, and requests of several leads."""

# ruff: noqa: E501 - tables with an attack a line

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from bridge import intake, mapping
from bridge.errors import IntakeError
from bridge.hooks.folder import judge
from bridge.hooks.hook import Hook
from bridge.model import Request
from bridge.receiving.map_event import event_to_store, map_event
from tests.fuzz.targets import presets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


NOW: Final = 1_750_000_000_000
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
PARTS: Final = "multipart/form-data; boundary=b"
READING: Final = """
preset: {preset}
verify: none
consent: {{any: [{{answer: I agree}}, {{answer: email}}, {{from: contact.email, present: true}}]}}
{each}
lead:
  Lead Email: {{first_of: [{{from: item.email}}, contact.email]}}
  First Name: {{first_of: [contact.first_name, {{from: contact.full_name, name: first}}]}}
  Date of Birth: {{answer: birthday, as: date}}
  Phone: {{from: contact.phone, as: phone, country: GB}}
  City: {{answer: Where do you live?}}
  Notes: {{from: "body.*.note | [0]", cut: 100}}
actions:
  - subscribe: {{list: Newsletter}}
"""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """`make` gives an input of about so many items, `run` reads it; inputs are not shared between runs."""

    name: str
    make: Callable[[int], Any]
    run: Callable[[Any], object]


@cache
def hook(preset: str, each: str = "") -> Hook:
    """A hook of this preset with a mapping that reads all kinds of values."""
    text = READING.format(preset=preset, each=f"each: {each}" if each else "")
    text = text if each else text.replace("{from: item.email}, ", "")
    found = judge(text, name="growth", file="growth.yaml", presets=presets())
    assert found.mapping is not None, found.problems
    return Hook(
        name="growth", preset=presets()[preset], scheme=intake.NoVerification(), secrets={}, mapping=found.mapping
    )


def read_whole(given: Hook, sent: tuple[bytes, dict[str, str]]) -> None:
    """A request from its bytes to what is stored of its events, or the error that refuses it."""
    body, headers = sent
    request = Request(
        hook="growth",
        method="POST",
        url="https://h.example.com/x",
        headers=headers,
        query={},
        body=body,
        received_at=NOW,
    )
    with suppress(IntakeError):
        verified = intake.verify(request, given.scheme, {}, now=NOW)
        content = intake.parse(verified, given.preset.body)
        events = intake.read_events(given.preset, verified, content)
        for event in mapping.expand(given.mapping, events):
            event_to_store(given, event, map_event(given, event), NOW)
        intake.stored_body(verified)


def objects(count: int) -> list[dict[str, Any]]:
    return [{"email": f"ada{number}@example.com", "note": "x" * 20, "n": number} for number in range(count)]


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _part(name: str, value: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)


_SIGNS: Final = str.maketrans("01", "!?")
BODIES: Final[dict[str, tuple[str, str, Callable[[int], bytes]]]] = {
    "names": ("json", JSON, lambda n: dump({f"name {i}": "v" for i in range(n)})),
    "long names": ("json", JSON, lambda n: dump({f"{i}" + "ä b" * 60: "v" for i in range(n)})),
    "one long name": ("json", JSON, lambda n: dump({"é\u0316\u0301" * n * 40: "v"})),
    "e-mail questions": ("json", JSON, lambda n: dump({f"email {i}": f"a{i}@example.com" for i in range(n)})),
    "names of one fold": ("json", JSON, lambda n: dump({"e" + "-" * (i % 9) + "mail" + " " * (i // 9 % 9) + "x" * (i // 81): f"a{i}@example.com" for i in range(min(n, 400))})),
    "equal keys": ("json", JSON, lambda n: b"{" + b",".join(b'"a":%d,"b%d":1,"b%d":2' % (i, i, i) for i in range(n)) + b"}"),
    "commas to blank": ("json", JSON, lambda n: b'{"a":[' + b"[1,]," * n + b"]}"),
    "blanks": ("json", JSON, lambda n: b'{"a":1' + b" ," * n + b"}"),
    "open texts": ("json", JSON, lambda n: b'{"a":"' + b'\\"' * n),
    "lines": ("json", "application/x-ndjson", lambda n: b'{"email":"a@example.com"}\n' * n),
    "texts of JSON": ("json", JSON, lambda n: dump(['{"email":"a@example.com",}'] * n)),
    "JSON in JSON": ("json", JSON, lambda n: dump(json.dumps(json.dumps({"a": '"\\' * n})))),
    "brackets": ("json", JSON, lambda n: b'{"a":' + b"[" * n),
    "digits": ("json", JSON, lambda n: b'{"a":' + b"1" * n + b"}"),
    "infinities": ("json", JSON, lambda n: b'{"a":[' + b"NaN,1e999," * n + b"1]}"),
    "bytes of no charset": ("json", JSON, lambda n: b'{"email":"a@example.com","a":[' + b'"\xfc",' * n + b'"x"]}'),
    "form fields": ("form", FORM, lambda n: b"&".join(b"f%d=%%41+x" % i for i in range(n))),
    "form equal": ("form", FORM, lambda n: b"email=a%40example.com&" * n),
    "form lists": ("form", FORM, lambda n: b"a[b][]=1&a[]=2&" * n),
    "form brackets": ("form", FORM, lambda n: b"&".join(b"a[%d][b][c]=1" % i for i in range(n))),
    "form percent": ("form", FORM, lambda n: b"a=" + b"%4x%" * n),
    "form units": ("form", FORM, lambda n: b"a=" + b"%u041F%E9" * n + b"&" + b"b=%u0041&" * n),
    "form charsets": ("form", FORM, lambda n: b"_charset_=gbk&charset=big5&" * n + b"a=" + b"\x82\xa0" * 20 * n + b"&b=\xff"),
    "form of JSON": ("form", FORM, lambda n: b"%7B%22a%22%3A" + b"%5B" * n + b"%7D="),
    "parts": ("form", PARTS, lambda n: b"".join(_part(f"f{i}", b"v") for i in range(n)) + b"--b--"),
    "part headers": ("form", PARTS, lambda n: b"--b\r\nContent-Disposition: form-data" + b"; a=b" * n + b"\r\n\r\nx\r\n--b--"),
    "part folds": ("form", PARTS, lambda n: b"--b\r\nContent-Disposition: form-data;" + b"\r\n name=a;" * n + b"\r\n\r\nx\r\n--b--"),
    "near boundaries": ("form", PARTS, lambda n: _part("a", b"\r\n--" * n + b"\r\n--a" * n) + b"--b--"),
    "part charsets": ("form", PARTS, lambda n: b"".join(_part("_charset_", b"gbk") for _ in range(n)) + _part("a", b"\x82\xff" * n) + b"--b--"),
    "elements": ("xml", "text/xml", lambda n: b"<a>" + b"<b c='1'>x</b>" * n + b"</a>"),
    "names of elements": ("xml", "text/xml", lambda n: b"<a>" + b"".join(b"<b%d>x&amp;</b%d>" % (i, i) for i in range(n)) + b"</a>"),
    "attributes": ("xml", "text/xml", lambda n: b"<a " + b" ".join(b"b%d='1'" % i for i in range(n)) + b"/>"),
    "text pieces": ("xml", "text/xml", lambda n: b"<a>" + b"x&lt;<b/>" * n + b"</a>"),
}  # fmt: skip


def bodies() -> Iterator[Subject]:
    """Bodies of every form, and requests of several leads."""
    for name, (preset, kind, make) in BODIES.items():
        yield Subject(name=name, make=partial(_sent, make, kind), run=partial(read_whole, hook(preset)))

    def packed(make: Callable[[int], bytes], n: int) -> tuple[bytes, dict[str, str]]:
        return make(n), {"content-type": JSON, "content-encoding": "gzip"}

    last = gzip.compress(b'{"email":"ada@example.com"}', mtime=0)
    blank = gzip.compress(b"", mtime=0)
    for name, make in {
        "packed members": lambda n: blank * n + last,
        "packed and padded": lambda n: (blank + b"\0") * n + last,
        "packed tightly": lambda n: gzip.compress(dump({"a": "x" * n * 20}), mtime=0),
    }.items():
        yield Subject(name=name, make=partial(packed, make), run=partial(read_whole, hook("json")))
    each = hook("json", "body.items")
    for name, value in {
        "leads": lambda n: {"items": objects(n)},
        "leads next to names": lambda n: {"items": objects(n), **{f"k{i}": "v" for i in range(n)}},
        "leads next to a text": lambda n: {"items": objects(n), "x": "y" * 100 * n},
        "leads next to equal questions": lambda n: {
            "items": objects(n),
            **{"b" + f"{i:b}".translate(_SIGNS): str(i) for i in range(n)},
        },
    }.items():
        yield Subject(name=name, make=partial(_sent_json, value), run=partial(read_whole, each))
    yield Subject(
        name="leads next to bytes of no charset",
        make=lambda n: (
            dump({"items": objects(n)})[:-1] + b',"x":["\xfc"' + b',"a"' * n + b"]}",
            {"content-type": JSON},
        ),
        run=partial(read_whole, each),
    )


def _sent(make: Callable[[int], bytes], kind: str, n: int) -> tuple[bytes, dict[str, str]]:
    return make(n), {"content-type": kind}


def _sent_json(make: Callable[[int], Any], n: int) -> tuple[bytes, dict[str, str]]:
    return dump(make(n)), {"content-type": JSON}
