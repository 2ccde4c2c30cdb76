"""Which bytes name a person, and what is left of a body that several share."""

from __future__ import annotations

import orjson
import pytest

from bridge.forget import finder, redacted


@pytest.mark.parametrize(
    "text",
    [
        b'{"email":"ada@example.com"}',
        b'{"email":"ADA@Example.COM"}',
        b"email=ada%40example.com&name=Ada",
        b'{"email":"ada\\u0040example.com"}',
        b"<ada@example.com>",
    ],
)
def test_an_address_is_found_however_it_is_written(text: bytes) -> None:
    assert finder(" Ada@example.com ")(text)


def test_an_address_with_other_letters_is_found_in_its_forms() -> None:
    found = finder("jürgen@bücher.example")
    for text in (
        "JÜRGEN@bücher.example".encode(),
        b"j\\u00fcrgen@b\\u00fccher.example",
        "jürgen@xn--bcher-kva.example".encode(),
        b"j%C3%BCrgen%40b%C3%BCcher.example",
    ):
        assert found(text), text


def test_others_are_not_found() -> None:
    assert not finder("ada@example.com")(b'{"email":"alan@example.com"}')


def test_of_a_shared_body_only_the_persons_part_goes_and_the_others_keep_their_places() -> None:
    body = orjson.dumps([{"email": "alan@example.com"}, {"email": "Ada@example.com", "name": "Ada"}, {"n": 3}])
    kept = redacted(body, finder("ada@example.com"))
    assert kept is not None
    assert orjson.loads(kept) == [{"email": "alan@example.com"}, {"forgotten": True}, {"n": 3}]


def test_parts_are_found_below_wrappings() -> None:
    body = orjson.dumps({"entry": [{"id": 1, "changes": [{"v": ["ada@example.com", "Ada"]}, {"v": "alan"}]}]})
    kept = redacted(body, finder("ada@example.com"))
    assert kept is not None
    assert orjson.loads(kept) == {"entry": [{"id": 1, "changes": [{"forgotten": True}, {"v": "alan"}]}]}


@pytest.mark.parametrize(
    "body",
    [
        b"email=ada%40example.com",
        orjson.dumps({"email": "ada@example.com", "items": [1, 2]}),
        orjson.dumps({"about": "somebody", "items": [1, 2]}),
    ],
)
def test_a_body_that_cannot_be_shared_out_goes_whole(body: bytes) -> None:
    assert redacted(body, finder("ada@example.com")) is None
