"""Deliveries by GET: the query in the place of the body, without its secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.errors import UnreadableError
from bridge.intake import BodyKind, NoVerification, parse, read_query, read_scheme, stored_body, verify

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeRequest

URL = "https://hooks.example.com/hooks/spring?email=ada%40example.com&i%5B%5D=a&i%5B%5D=b&k=s&Token=t"


def test_the_query_is_read_as_a_form_without_its_secrets(make_request: MakeRequest) -> None:
    scheme = read_scheme({"query_token": "k"}, "verify")
    assert not isinstance(scheme, list)
    request = make_request(method="GET", url=URL, query={"email": "ada@example.com", "k": "s"})
    verified = verify(request, scheme, {"token": ("s",)}, now=0)
    assert parse(verified, BodyKind.ANY).value == {"email": "ada@example.com", "i": ["a", "b"]}
    body, content_type = stored_body(verified)
    assert body == b"email=ada%40example.com&i%5B%5D=a&i%5B%5D=b"
    assert content_type == "application/x-www-form-urlencoded"


def test_what_is_kept_reads_the_same_again(make_request: MakeRequest) -> None:
    verified = verify(make_request(method="GET", url=URL), NoVerification(), {}, now=0)
    body, content_type = stored_body(verified)
    again = verify(make_request(body, headers={"content-type": content_type}), NoVerification(), {}, now=0)
    assert parse(again, BodyKind.FORM).value == parse(verified, BodyKind.FORM).value


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("list=Newsletter&list=Other", {"list": "Newsletter"}),
        ("list=%u041F%u0435&a=b+c", {"list": "Пе", "a": "b c"}),
        ("%u0438=1&empty=&bare", {"и": "1", "empty": "", "bare": ""}),
        ("name=Zo%EB+x&rate=5%25u041F&x=%u04", {"name": "Zo%EB x", "rate": "5%u041F", "x": "%u04"}),
    ],
)
def test_parameters_are_read_as_forms_are(query: str, read: dict[str, str]) -> None:
    assert read_query(query) == read


def test_a_get_is_stored_with_its_escapes(make_request: MakeRequest) -> None:
    url = "https://hooks.example.com/hooks/spring?email=ada%40example.com&name=%u041F&%74oken=t"
    verified = verify(make_request(method="GET", url=url), NoVerification(), {}, now=0)
    assert stored_body(verified)[0] == b"email=ada%40example.com&name=%u041F"
    assert parse(verified, BodyKind.ANY).value == {"email": "ada@example.com", "name": "П"}


def test_an_empty_query_holds_nothing(make_request: MakeRequest) -> None:
    request = make_request(method="GET", url="https://hooks.example.com/hooks/spring?token=t")
    with pytest.raises(UnreadableError, match="the query is empty"):
        parse(verify(request, NoVerification(), {}, now=0), BodyKind.ANY)
