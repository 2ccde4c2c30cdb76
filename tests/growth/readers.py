"""What people ask about a request or an answer: why it is not authentic, whose it is, how it reads without the person.

These read what strangers sent, too, though none of it runs while a webhook is answered.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bridge import intake
from bridge.authoring.pseudonyms import Pseudonyms
from bridge.authoring.recognition import recognise, signs_of
from bridge.console import filters
from bridge.console.policy_reports import PolicyReports
from bridge.errors import LeadbridgeError, ZohoError
from bridge.escaping import escaped, json_escaped, on_one_line
from bridge.hooks.payload import guessed_type, pasted
from bridge.intake.fetch import read_answer
from bridge.mapping import Payload
from bridge.operations.masking import words_of
from bridge.times import retry_after_ms
from bridge.web_address import credential_problem, parts_of, without_credential
from bridge.zoho import catalog, members
from bridge.zoho.answers import read_envelope
from tests.fuzz.targets import presets
from tests.growth.bodies import JSON, NOW, Subject, dump, objects
from tests.unit.presets.forgeries import URL
from tests.unit.presets.test_forgeries import RSA_KEY, SCHEMES, SECRET, genuine_request, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BODIES: Final[dict[str, Callable[[int], bytes]]] = {
    "objects": lambda n: dump(objects(n)),
    "nested lists": lambda n: b'{"a":' + b"[" * n * 5 + b"]" * n * 5 + b"}",
    "nested objects": lambda n: b'{"a":' * n * 5 + b"1" + b"}" * n * 5,
    "open lists": lambda n: b"[" * n * 20,
    "line ends": lambda n: b"\r\n\n\r" * n,
    "escapes": lambda n: b'{"a":"' + b"\\u00e9\\/" * n + b'"}',
    "equal keys": lambda n: b"{" + b'"a":1,' * n + b'"a":1}',
    "form": lambda n: b"&".join(b"a%d=%%41+b" % i for i in range(n)),
    "elements": lambda n: b"<a>" + b"<b>x</b>" * n + b"</a>",
}
TEXTS: Final[dict[str, Callable[[int], str]]] = {
    "commas": lambda n: "ab, " * n * 20,
    "brackets": lambda n: "[" * n * 20,
    "JSON": lambda n: '{"a": ["b, c", 1]}' * n,
    "lines": lambda n: "X-A: b\n:\r\n" * n,
    "controls": lambda n: "\x1b[2J\x9b\u202e" * n,
    "slashes": lambda n: "https://a:b//" * n + "@",
    "at signs": lambda n: "//a@" * n,
    "quotes": lambda n: "'a`\"b" * n,
    "numbers": lambda n: "1, 2026-01-02 " * n,
}


def of_scheme(name: str) -> Iterator[Subject]:
    """Why a request with another body is not authentic."""
    scheme = SCHEMES[name]
    secrets = secrets_of(scheme, SECRET, RSA_KEY)
    genuine = genuine_request(scheme, secrets)

    def judged(body: bytes) -> object:
        return intake.diagnose(replace(genuine, body=body), scheme, secrets, now=NOW, public_url=URL)

    for kind, make in BODIES.items():
        yield Subject(name=f"{name}: {kind}", make=make, run=judged)


def readers() -> Iterator[Subject]:
    """Everything else that reads bodies, texts and answers."""
    signs = {name: signs_of(preset, f"email: {name}") for name, preset in presets().items()}

    def recognised(body: bytes) -> None:
        with suppress(LeadbridgeError):
            recognise(presets(), signs, Payload(body=body, content_type=guessed_type(body)))

    for kind, make in BODIES.items():
        yield Subject(name=f"recognised: {kind}", make=make, run=recognised)
        yield Subject(name=f"fetched: {kind}", make=make, run=read_answer)
        yield Subject(name=f"pasted: {kind}", make=make, run=lambda body: pasted(body, ""))
        yield Subject(name=f"reported: {kind}", make=make, run=lambda body: PolicyReports().write(body, "ada"))
    hidden = Pseudonyms(keep={"yes"}, known={"Ada": "Grace"}, parts=(", ", "a", "://"))
    texts: dict[str, Callable[[str], Any]] = {
        "hidden": hidden.text,
        "escaped": escaped,
        "on one line": on_one_line,
        "JSON escaped": json_escaped,
        "headers": lambda text: pasted(b"", text),
        "code": filters.with_code,
        "words": lambda text: words_of(f"a: |\n  {on_one_line(text)}\n"),
        "address": lambda text: (parts_of(text), credential_problem(text, "", ""), without_credential(text)),
        "pause": lambda text: retry_after_ms({"retry-after": text}),
    }
    for what, run in texts.items():
        for kind, written in TEXTS.items():
            yield Subject(name=f"{what}: {kind}", make=written, run=run)
    for what, (member, read) in ANSWERS.items():
        yield Subject(name=f"account: {what}", make=partial(_answer, member), run=partial(_read, read))


ANSWERS: Final[dict[str, tuple[str, Callable[[Any], object]]]] = {
    "lists": ("list_of_details", catalog.read_lists),
    "journeys": ("journeys", catalog.read_journeys),
    "fields": ("fieldname", catalog.read_fields),
    "lengths": ("fieldname", catalog.read_lengths),
    "tags": ("tags", catalog.read_tags),
    "members": ("list_of_details", members.read_members),
}


def _answer(member: str, n: int) -> bytes:
    item = {
        "listkey": "k{}", "listname": "a{}", "journey_key": "k{}", "journey_name": "n", "triggerkey": "t",
        "DISPLAY_NAME": "F{}", "FIELD_LENGTH": "100", "tag_name": "t{}", "contact_email": "ada{}@example.com",
    }  # fmt: skip
    items = [{key: text.format(i) for key, text in item.items()} for i in range(n)]
    return dump({"code": "0", "status": "success", member: items})


def _read(read: Callable[[Any], object], body: bytes) -> None:
    with suppress(ZohoError):
        read(read_envelope(200, body, {"content-type": JSON}))
