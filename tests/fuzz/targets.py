"""What is fuzzed: each target takes any bytes and returns, or shows a defect by raising.

Errors that are declared for bad input are answers, not defects. The seeds of a corpus are made from what the repository
has anyway: the presets' samples, the shipped mappings and presets.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import orjson

from bridge import intake
from bridge.errors import IntakeError, PathError, SignatureError, ZohoError
from bridge.expressions import compile_path
from bridge.hooks.folder import judge, load_presets
from bridge.hooks.payload import read_payload
from bridge.intake import BodyKind, NoVerification, Preset
from bridge.intake.body.read import read_body
from bridge.intake.body.unpack import unpack
from bridge.intake.body.write import write_body
from bridge.intake.verification.template import read_template
from bridge.mapping import Payload, apply
from bridge.mapping.context import FormatError
from bridge.mapping.values.dates import READINGS, write_date, write_datetime
from bridge.mapping.values.phones import e164_of
from bridge.model import ClaimedDelivery, OnDoubt, Priority, Request
from bridge.zoho.answers import read_envelope
from bridge.zoho.apis import APIS
from bridge.zoho.catalog import read_fields, read_journeys, read_lengths, read_lists, read_tags
from bridge.zoho.members import read_members
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bridge.hooks.presets import Presets
    from bridge.mapping import HookMapping

ROOT: Final = Path(__file__).parents[2]
NOW: Final = 1_750_000_000_000
SECRET: Final = "a long secret that no input can guess: 8f1d0c7be2a94d53"
CONTENT_TYPES: Final = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/xml",
    "text/plain; charset=utf-16",
    "application/x-ndjson",
    "multipart/form-data",
    "application/x-www-form-urlencoded; charset=iso-2022-jp",
    "",
)
CODINGS: Final = ("", "gzip", "deflate", "gzip, deflate")
MAPPING: Final = """
preset: {preset}
verify: none
consent: {{not_asked: the fuzzer}}
lead:
  Lead Email: contact.email
  First Name: {{first_of: [contact.first_name, {{from: contact.full_name, name: first}}]}}
  Date of Birth: {{answer: birthday, as: date}}
  Phone: {{from: contact.phone, as: phone, country: GB}}
actions:
  - subscribe: {{list: Newsletter}}
"""


@cache
def presets() -> Presets:
    """All presets that ship with the product."""
    return load_presets()


@cache
def _mapping(preset: str) -> HookMapping:
    found = judge(MAPPING.format(preset=preset), name="fuzz", file="fuzz.yaml", presets=presets())
    assert found.mapping is not None, found.problems
    return found.mapping


def bodies(data: bytes) -> None:
    """A body of any type through a preset and a mapping: events or an IntakeError."""
    preset, content_type, body = _request_in(data)
    with suppress(IntakeError):
        for event in read_payload(preset, Payload(body=body, content_type=content_type, received_at=NOW)):
            apply(_mapping(preset.name), event)


def written_bodies(data: bytes) -> None:
    """A body that is written again, as one with a secret inside is: it reads as the same values."""
    _, content_type, body = _request_in(data)
    try:
        content = read_body(_request(body, {"content-type": content_type}), BodyKind.ANY)
    except IntakeError:
        return
    if not content.value:  # there is no secret inside
        return
    written, written_type = write_body(content)
    again = read_body(_request(written, {"content-type": written_type}), BodyKind.ANY)
    assert again.value == content.value, (again.value, content.value)


def packed_bodies(data: bytes) -> None:
    """A body in a Content-Encoding, packed rightly or not: at most as many bytes as are allowed, or an IntakeError."""
    coding = CODINGS[data[0] % len(CODINGS)] if data else "gzip"
    for body in (data[1:], gzip.compress(data[1:], mtime=0), zlib.compress(data[1:]), zlib.compress(data[1:])[2:-4]):
        with suppress(IntakeError):
            assert len(unpack(body, coding, 5_000)) <= 5_000


def queries(data: bytes) -> None:
    """A GET's query: events or an IntakeError. What is stored of it reads as the same fields."""
    text = data.decode("latin-1")
    url = "https://hooks.example.com/hooks/fuzz?" + re.sub(r"[^!-~]", lambda raw: f"%{ord(raw[0]):02X}", text)
    request = replace(_request(b"", {}), method="GET", url=url)
    for preset in (one for one in presets().values() if "GET" in one.methods):
        verified = intake.verify(request, NoVerification(), {}, now=NOW)
        with suppress(IntakeError):
            content = intake.parse(verified, preset.body)
            for event in intake.read_events(preset, verified, content):
                apply(_mapping(preset.name), event)
            body, content_type = intake.stored_body(verified)
            stored = _request(body, {"content-type": content_type})
            assert read_body(stored, BodyKind.FORM).value == content.value


def _request_in(data: bytes) -> tuple[Preset, str, bytes]:
    """A preset, a content type (one of the list, or the first line) and a body, out of an input."""
    data = data.ljust(2, b"\0")
    names = list(presets())
    preset, kind = presets()[names[data[0] % len(names)]], data[1] % (len(CONTENT_TYPES) + 1)
    if kind < len(CONTENT_TYPES):
        return preset, CONTENT_TYPES[kind], data[2:]
    line, _, body = data[2:].partition(b"\n")
    return preset, line.decode("latin-1"), body


def _request(body: bytes, headers: Mapping[str, str]) -> Request:
    return Request(
        hook="fuzz",
        method="POST",
        url="https://hooks.example.com/hooks/fuzz",
        headers=headers,
        query={},
        body=body,
        received_at=NOW,
    )


def verification(data: bytes) -> None:
    """A request to each preset's scheme, with headers and a query out of the input: nothing is let through."""
    if not data:
        return
    names = list(presets())
    preset = presets()[names[data[0] % len(names)]]
    scheme = preset.verify
    if scheme is None or isinstance(scheme, NoVerification):
        return
    texts = data[1:].decode("latin-1").split("\n", 24)
    pairs = dict(text.partition(":")[::2] for text in texts if ":" in text)
    headers = {"content-type": "application/json", **{name.lower(): value for name, value in pairs.items()}}
    query = {name: value for name, value in pairs.items() if len(name) < 20}
    request = replace(_request(texts[-1].encode("latin-1"), headers), query=query)
    secrets = dict.fromkeys(intake.roles(scheme), (SECRET,))
    try:
        intake.verify(request, scheme, secrets, now=NOW)
    except (SignatureError, IntakeError):
        return
    raise AssertionError(f"a forged request of {preset.name} was accepted")


def preset_files(data: bytes) -> None:
    """A preset's text: a preset, or problems that are not failures of our own."""
    found = intake.load_preset(data.decode("utf-8", "replace"), "fuzz.yaml")
    if not isinstance(found, Preset):
        _no_failure(found)


def mapping_files(data: bytes) -> None:
    """A mapping's text, and an event through it where it can be used."""
    found = judge(data.decode("utf-8", "replace"), name="fuzz", file="fuzz.yaml", presets=presets())
    _no_failure(found.problems)
    if found.mapping is not None:
        for event in read_payload(
            presets()["json"], Payload(body=b'{"email": "ada@example.com", "name": "Ada"}', received_at=NOW)
        ):
            apply(found.mapping, event)


def dates(data: bytes) -> None:
    """A text as a date in each reading and zone: a date, or a FormatError."""
    text = data.decode("utf-8", "replace")
    for response in READINGS:
        for zone in (None, ZoneInfo("America/New_York")):
            for write in (write_date, write_datetime):
                with suppress(FormatError):
                    write(text, zone, response)


def phones(data: bytes) -> None:
    """A text as a phone number of several countries: E.164, or a FormatError."""
    text = data.decode("utf-8", "replace")
    for country in ("", "GB", "US", "DE", "IT", "BR"):
        with suppress(FormatError):
            number = e164_of(country)(text)
            assert re.fullmatch(r"\+[0-9]{4,15}", number), number


def templates(data: bytes) -> None:
    """The template of a signed text, and a path, as an author may write them."""
    text = data.decode("utf-8", "replace")
    read_template(text)
    with suppress(PathError):
        _, find = compile_path(text)
        find({"body": {"a": [1, {"b": "c"}]}, "contact": {"email": "ada@example.com"}})


def zoho_answers(data: bytes) -> None:
    """An answer of Zoho's to each API: outcomes, a code that may stand in a log, and what is read of the account."""
    text = data[1:61].decode("latin-1")
    envelope = read_envelope(data[0] * 2 if data else 200, data[1:], {"retry-after": text, "date": text[30:]})
    assert all(char.isalnum() or char in "_. -" for char in envelope.code)
    for api in APIS.values():
        api.read(envelope, (_delivery(1), _delivery(2)) if api.has_leads else ())
    for read in (read_lists, read_journeys, read_fields, read_lengths, read_tags, read_members):
        with suppress(ZohoError):
            orjson.dumps(read(envelope))


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    one.__name__: one
    for one in (
        bodies,
        written_bodies,
        packed_bodies,
        queries,
        verification,
        preset_files,
        mapping_files,
        dates,
        phones,
        templates,
        zoho_answers,
    )
}


def seeds(target: str) -> Iterator[bytes]:
    """Where a corpus starts."""
    samples = [json.loads(path.read_text("utf-8")) for path in SAMPLES]
    match target:
        case "bodies" | "written_bodies":
            for number, name in enumerate(presets()):
                for text in _bodies_of(samples, name):
                    yield bytes((number, 0 if text.lstrip()[:1] in (b"{", b"[") else 1)) + text
            yield bytes((0, 5)) + b'{"email": "ada@example.com"}\n{"email": "bo@example.com"}\n'
            yield (
                bytes((0, 2))
                + b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nada@example.com\r\n--b--\r\n'
            )
            yield bytes((0, 3)) + b'<?xml version="1.0"?><lead a="1"><email>ada@example.com</email><b/><b/></lead>'
            yield bytes((0, len(CONTENT_TYPES))) + b"multipart/form-data; boundary=x\n--x\n\n\n--x--"
            yield bytes((0, 1)) + b"a[b][0]=1&a[b][1]=2&c=%7B%22d%22%3A1%7D&c=2&%5B%5D=&e"
        case "packed_bodies":
            yield from (bytes((number,)) + b'{"email": "ada@example.com"}' for number in range(len(CODINGS)))
        case "queries":
            yield from (b"email=ada%40example.com&name=Ada+L&a[b]=1&a[b]=2&token=x", b"%FC=%00;&&=&+=%2B#f")
        case "preset_files":
            yield from (path.read_bytes() for path in sorted(ROOT.glob("bridge/presets/*.yaml")))
        case "mapping_files":
            yield from (path.read_bytes() for path in sorted(ROOT.glob("examples/*.yaml")))
        case "dates":
            yield from (b"March 4, 2026 3:00 PM UTC+2", b"2026-03-04T15:00:00Z", b"Fri 03/04/2026", b"1750000000")
        case "phones":
            yield from (b"+44 20 7946 0958 ext. 12345", b"tel:+44-20-7946-0958", b"(0)30 901820")
        case "templates":
            yield from (b"v0:{timestamp}:{body}", b"{method}{url}{header:x-id}", b"body.items[?a=='b'].c | [0]")
        case "verification":
            yield from (bytes((number,)) + b"x-signature:00\nt:1\n{}" for number in range(len(presets())))
        case _:
            yield b'\x64{"code":"200","status":"success","message":"ok"}'


def _bodies_of(samples: Sequence[Any], preset: str) -> Iterator[bytes]:
    for sample in samples:
        if isinstance(sample, dict) and sample.get("preset") == preset:
            body = sample.get("body", sample.get("request", {}))
            yield body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _no_failure(problems: Sequence[Any]) -> None:
    failures = [problem.message for problem in problems if problem.code == "internal"]
    assert not failures, failures


def _delivery(number: int) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=number,
        event_id=number,
        lead=f"lead{number}@example.com",
        body=b"{}",
        priority=Priority.LIVE,
        on_doubt=OnDoubt.RESEND,
        attempts=0,
        ignored_count=0,
        cohort=None,
        received_at=NOW,
        first_try_at=NOW,
    )
