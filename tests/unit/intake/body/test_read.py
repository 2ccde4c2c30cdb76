"""Bodies as JSON values."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from bridge.errors import MediaTypeError, TooLargeError, UnreadableError
from bridge.intake import BodyKind, parse
from bridge.intake.body.multipart import first_boundary
from bridge.model import Limits

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeVerified

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": [1, 2]}),
        (b'{"id": 18446744073709551616123}', {"id": 18446744073709551616123}),
        (b'{"id": 820982911946154508}', {"id": 820982911946154508}),
        (b'{"big": 1e30}', {"big": 1e30}),
        (rb'{"a": "\ud800"}', {"a": "\ud800"}),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
        (b"[]", []),
    ],
)
def test_json_is_read_exactly(body: bytes, value: Any, make_verified: MakeVerified) -> None:
    assert parse(make_verified(body), BodyKind.JSON).value == value


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json; charset=utf-8", "application/vnd.api+json", FORM, "nonsense"]
)
def test_what_is_plainly_json_is_json_whatever_its_type(content_type: str, make_verified: MakeVerified) -> None:
    assert parse(make_verified(b' {"a": [1]}', content_type), BodyKind.JSON).value == {"a": [1]}
    assert parse(make_verified(b' {"a": [1]}', content_type), BodyKind.ANY).value == {"a": [1]}


def test_a_packed_body_that_no_header_names_is_unpacked_with_a_note(make_verified: MakeVerified) -> None:
    for body, content_type in ((b'{"a": "1"}', "application/json"), (b"a=1", FORM)):
        content = parse(make_verified(gzip.compress(body), content_type), BodyKind.ANY)
        assert (content.value, [note.code for note in content.notes]) == ({"a": "1"}, ["body_corrected"])
    with pytest.raises(TooLargeError):
        parse(make_verified(gzip.compress(bytes(2_000_000)), FORM), BodyKind.ANY, Limits(bytes=1_000_000))


def test_the_line_breaks_of_a_multipart_form_are_those_of_its_first_boundary(make_verified: MakeVerified) -> None:
    body = b'--b\nContent-Disposition: form-data; name="a"\n\nx\r\ny\n--b--\n'
    for line, other in ((b"\n", b"\r\n"), (b"\r\n", b"\n")):
        sent = body.replace(b"\r\n", b"|").replace(b"\n", line).replace(b"|", other)
        content = parse(make_verified(sent, "multipart/form-data; boundary=b"), BodyKind.FORM)
        assert content.value == {"a": f"x{other.decode()}y"}


def test_the_charset_of_the_header_counts(make_verified: MakeVerified) -> None:
    body = '{"name": "Zoë"}'.encode("latin-1")
    assert parse(make_verified(body, "application/json; charset=ISO-8859-1"), BodyKind.JSON).value == {"name": "Zoë"}


@pytest.mark.parametrize(
    ("body", "content_type", "part"),
    [
        (b"", "application/json", "empty"),
        (b" \n", "application/json", "empty"),
        (b"{", "application/json", "not JSON"),
        (b"name=Ada", "application/json", "not taken here"),
        (b'{"a": "\xff"}', "application/json; charset=rot13", "is not handled"),
        (b'callback({"a": 1});', "application/json", "JSONP"),
        (b")]}',\n{}", "application/json", "guard against scripts"),
        (b"[" * 65 + b"]" * 65, "application/json", "deeper than 64"),
        (b"[" * 100_000, "application/json", "nested too deep|not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", "too long"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(
    body: bytes, content_type: str, part: str, make_verified: MakeVerified
) -> None:
    with pytest.raises((UnreadableError, MediaTypeError), match=part):
        parse(make_verified(body, content_type), BodyKind.JSON)


def test_an_unreadable_body_is_not_repeated_in_the_reason(make_verified: MakeVerified) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse(make_verified(b'{"email": "ada@example.com"'), BodyKind.JSON)
    assert "ada" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "limits"),
    [(b"[1,2,3,4]", Limits(values=3)), (b"a=1&b=2&c=3", Limits(fields=2))],
)
def test_a_body_beyond_the_bounds_is_too_large(body: bytes, limits: Limits, make_verified: MakeVerified) -> None:
    with pytest.raises(TooLargeError):
        parse(make_verified(body, FORM), BodyKind.ANY, limits)


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        (BodyKind.JSON, FORM),
        (BodyKind.JSON, "text/xml"),
        (BodyKind.ANY, "image/png"),
    ],
)
def test_a_type_that_the_preset_does_not_take_is_refused(
    kind: BodyKind, content_type: str, make_verified: MakeVerified
) -> None:
    with pytest.raises(MediaTypeError, match=r"(is not handled|not taken) here; send"):
        parse(make_verified(b"a=1", content_type), kind)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"name=Ada+Lovelace&e-mail=ada%40example.com", {"name": "Ada Lovelace", "e-mail": "ada@example.com"}),
        (b"a=1&a=2&b=", {"a": ["1", "2"], "b": ""}),
        (b"a[]=1&a[]=2", {"a": ["1", "2"]}),
        (
            b"d[m][FNAME]=Ada&d[m][G][0][name]=x&d[m][G][1][name]=y",
            {"d": {"m": {"FNAME": "Ada", "G": [{"name": "x"}, {"name": "y"}]}}},
        ),
        (b"contact[fields][39]=x&list=0", {"contact": {"fields": {"39": "x"}}, "list": "0"}),
        (b"a%5Bb%5D=1", {"a": {"b": "1"}}),
        (b"a=1&a[b]=2", {"a": "1", "a[b]": "2"}),
        (b"a[b]=2&a=1", {"a": {"b": "2", "": "1"}}),
        (b"Your [full] name=Ada&x[y=1", {"Your [full] name": "Ada", "x[y": "1"}),
        (b"data.json=%7B%7D&flag", {"data.json": "{}", "flag": ""}),
    ],
)
def test_a_form_becomes_an_object(body: bytes, value: Any, make_verified: MakeVerified) -> None:
    assert parse(make_verified(body, FORM), BodyKind.FORM).value == value


def test_a_form_is_read_in_its_own_charset(make_verified: MakeVerified) -> None:
    assert parse(make_verified(b"n=Zo%EB", f"{FORM}; charset=latin1"), BodyKind.FORM).value == {"n": "Zoë"}


@pytest.mark.parametrize("charset", ["", "; charset=windows-1251", "; charset=shift_jis"])
@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"name=%u041F%u0435%u0442%u044F", {"name": "Петя"}),
        (b"%u0438%u043C%u044F=%u041F+a", {"имя": "П a"}),
        (b"name=Zo%EB+%u2013+x", {"name": "Zoë – x"}),
        (b"name=Zo%C3%AB%u2019s", {"name": "Zoë’s"}),
        (b"name=%uD83D%uDE00", {"name": "😀"}),
        (b"name=%uD83D", {"name": "�"}),
        (b"name=%25u041F&rate=5%u&x=%u04", {"name": "%u041F", "rate": "5%u", "x": "%u04"}),
        (b"%7B%22name%22%3A%22%u041F%22%7D=", {"name": "П"}),
    ],
)
def test_a_form_written_by_the_old_escape_is_read_by_its_units(
    body: bytes, value: Any, charset: str, make_verified: MakeVerified
) -> None:
    assert parse(make_verified(body, FORM + charset), BodyKind.FORM).value == value


MULTIPART = "\r\n".join(
    [
        "preamble",
        "--xX",
        'Content-Disposition: form-data; name="rawRequest"',
        "",
        '{"q":\r\n1}',
        "--xX",
        'content-disposition: form-data; name="files[a]"; filename="cv.pdf"',
        "Content-Type: application/pdf",
        "",
        "%PDF\xff",
        "--xX",
        'Content-Disposition: form-data; name="name[first]"',
        "Content-Type: text/plain; charset=latin-1",
        "",
        "Zo\xeb",
        "--xX--",
        "",
    ]
).encode("latin-1")


def test_the_text_parts_of_a_multipart_form_are_read(make_verified: MakeVerified) -> None:
    value = parse(make_verified(MULTIPART, 'multipart/form-data; boundary="xX"'), BodyKind.ANY).value
    assert value == {"rawRequest": '{"q":\r\n1}', "name": {"first": "Zoë"}}


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=zZ"])
def test_a_multipart_form_without_its_boundary_is_unreadable(content_type: str, make_verified: MakeVerified) -> None:
    with pytest.raises(UnreadableError, match="boundary"):
        parse(make_verified(MULTIPART, content_type), BodyKind.FORM)


def test_blanks_behind_a_boundary_cost_no_more_than_their_number() -> None:
    assert first_boundary(b"--a" + b" " * 10_000_000 + b"x form-data") == b""
    assert first_boundary(b"--a b \t\r\nContent-Disposition: form-data") == b"a b"
