"""What the intake gets, by whichever server the request came."""

from __future__ import annotations

import io
from ipaddress import ip_network
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from bridge.errors import MalformedError, TooLargeError
from bridge.web.request import request_of

if TYPE_CHECKING:
    from bridge.model import Request

SETTINGS: Any = SimpleNamespace(max_body=10, trusted_proxies=(ip_network("127.0.0.0/8"),))


def read(**changes: Any) -> Request:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/hooks/form",
        "RAW_URI": "/hooks/form?a=%2F",
        "QUERY_STRING": "a=%2F",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "HTTP_HOST": "hooks.example.com",
        "HTTP_X_TOKEN": "t",
        "CONTENT_LENGTH": "4",
        "wsgi.input": io.BytesIO(b"body"),
        "wsgi.url_scheme": "http",
        **changes,
    }
    with Flask("test").request_context(environ) as context:
        return request_of("form", context.request, now=7, settings=SETTINGS)


def test_it_is_read_as_it_came() -> None:
    request = read()
    assert (request.method, request.body, request.query, request.received_at) == ("POST", b"body", {"a": "/"}, 7)
    assert request.url == "http://hooks.example.com/hooks/form?a=%2F"
    assert request.headers == {"host": "hooks.example.com", "x-token": "t", "content-length": "4"}


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"HTTP_X_FORWARDED_PROTO": "https"}, "https://hooks.example.com/hooks/form?a=%2F"),
        (
            {"HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "203.0.113.9"},
            "http://hooks.example.com/hooks/form?a=%2F",
        ),
        ({"HTTP_X_FORWARDED_PROTO": "javascript"}, "http://hooks.example.com/hooks/form?a=%2F"),
        ({"HTTP_HOST": "[2001:db8::1]:80"}, "http://[2001:db8::1]:80/hooks/form?a=%2F"),
        ({"HTTP_HOST": "x/hooks/other#"}, "http://localhost/hooks/form?a=%2F"),
        ({"HTTP_HOST": "x?"}, "http://localhost/hooks/form?a=%2F"),
        ({"HTTP_HOST": "user@x"}, "http://localhost/hooks/form?a=%2F"),
        ({"RAW_URI": "http://h/hooks/form?b"}, "http://hooks.example.com/hooks/form?b"),
        ({"RAW_URI": "//h/hooks/form"}, "http://hooks.example.com//h/hooks/form"),
        ({"RAW_URI": "/hooks/form#/hooks/other"}, "http://hooks.example.com/hooks/form"),
    ],
)
def test_only_a_host_stands_before_the_path(changes: dict[str, str], url: str) -> None:
    assert read(**changes).url == url


@pytest.mark.parametrize("length", ["11", "99999999999999999999"])
def test_a_body_that_is_announced_too_large_is_not_read(length: str) -> None:
    with pytest.raises(TooLargeError, match="larger than 10 bytes"):
        read(CONTENT_LENGTH=length, **{"wsgi.input": None})


def test_a_body_in_chunks_is_read_to_its_end_and_no_further_than_the_limit() -> None:
    chunked = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    assert read(**chunked).body == b"body"
    with pytest.raises(TooLargeError):
        read(**chunked, **{"wsgi.input": io.BytesIO(b"a" * 11)})


def test_a_body_that_ends_early_or_breaks_is_malformed() -> None:
    class Broken(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise ValueError("a chunk of the sender's text")

    with pytest.raises(MalformedError):
        read(CONTENT_LENGTH="5")
    with pytest.raises(MalformedError) as malformed:
        read(**{"wsgi.input": Broken()})
    assert "sender's text" not in str(malformed.value)
