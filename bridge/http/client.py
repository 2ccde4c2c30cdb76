"""The one place from which HTTP goes out: a call that ends by its deadline, whatever the other side does.

The time-outs of `requests` bound each read, so a server that drips a byte a second never trips them. Here a timer
shuts the call's sockets down when its time is over, from the first packet of the connection to the last of the body.
Only name resolution cannot be stopped; it is waited for no longer than the deadline and left behind.

Nothing comes from the environment (proxy, certificate bundle, netrc): settings hand it in. No redirect is followed,
no cookie is stored, nothing is repeated. No error text holds more of a URL than its host.
"""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Final, Self

import requests
import urllib3
from requests.adapters import HTTPAdapter

from bridge.errors import NoAnswerError
from bridge.http.sockets import POOLS, PrivateAddressError, Watch, is_private_literal, watching

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MAX_IDLE_SECONDS = 15.0
"""A connection idle for longer is not used again: if the other side closes it just then, the call is in doubt."""

CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A whole answer. Header names are in lower case; the body is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """Connections held open, a set for each thread that sends. Close it when the process ends.

    `proxy` is the URL through which all calls go, `ca_file` a bundle of certificates in place of the usual one. With
    `public_only` no address that is private, loopback or link-local is connected to. Behind a proxy, which resolves the
    names, hosts that are written as such an address are refused; what a name leads to is the proxy's to refuse.
    """

    def __init__(self, *, proxy: str | None = None, ca_file: str | None = None, public_only: bool = False) -> None:
        self._proxy = proxy
        self._public_only = public_only
        self._ca_file = ca_file
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []

    def send(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_seconds: float,
        max_bytes: int = 4_000_000,
    ) -> HttpAnswer:
        """Make one call and return its whole answer, of any status.

        `form` is sent as an urlencoded body, `body` as it is; give at most one of them. The call ends within
        `deadline_seconds`, connecting and reading included.

        Raises:
            NoAnswerError: no whole answer of at most `max_bytes` came in time; `sent` says whether the other side may
                have seen the call.
        """
        if self._public_only and self._proxy and is_private_literal(_host(url)):
            raise NoAnswerError(_private(url), sent=False)
        session = self._session()
        with watching(deadline_seconds, public_only=self._public_only and not self._proxy) as watch:
            try:
                return _exchange(session, method, url, dict(form) if form else body, headers or {}, watch, max_bytes)
            except NoAnswerError:
                raise
            except (
                requests.RequestException,
                urllib3.exceptions.HTTPError,
                http.client.HTTPException,
                OSError,
                ValueError,  # http.client raises it for a chunk of negative size
            ) as error:
                # `from None`: the library's texts hold the whole URL.
                raise NoAnswerError(_sentence(url, watch, error), sent=watch.sent) from None
            finally:
                self._local.used_at = time.monotonic()

    def close(self) -> None:
        """Close all connections of all threads."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
            self._local = threading.local()
        for session in sessions:
            session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = _new_session(self._proxy, self._ca_file)
            with self._lock:
                self._sessions.append(session)
        elif time.monotonic() - self._local.used_at > MAX_IDLE_SECONDS:
            session.close()
        return session


class _Adapter(HTTPAdapter):
    """Makes connections whose sockets the call's watch can shut down."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


def _new_session(proxy: str | None, ca_file: str | None) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = ca_file or True
    session.proxies = {"http": proxy, "https": proxy} if proxy else {}
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(max_retries=0))
    return session


def _exchange(
    session: requests.Session,
    method: str,
    url: str,
    data: dict[str, str] | bytes | None,
    headers: Mapping[str, str],
    watch: Watch,
    max_bytes: int,
) -> HttpAnswer:
    with session.request(
        method,
        url,
        data=data,
        headers=dict(headers),
        timeout=watch.seconds,
        allow_redirects=False,
        stream=True,
    ) as response:
        body = _bounded_body(response, url, max_bytes)
        # A body without a length ends where the connection ends, so a shut down socket looks like a whole answer.
        if watch.expired:
            raise TimeoutError
        if not body and _unbounded(response):
            raise http.client.IncompleteRead(b"")
        names = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(status=response.status_code, headers=names, body=body)


def _bounded_body(response: requests.Response, url: str, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise NoAnswerError(f"{_host(url)} answered more than {max_bytes} bytes", sent=True)
    return bytes(body)


def _unbounded(response: requests.Response) -> bool:
    """Whether no header said where the body ends. An answer cut off within its headers looks so, with no body."""
    framed_by = {"content-length", "transfer-encoding"} & {name.lower() for name in response.headers}
    return not framed_by and response.status_code not in (204, 304)


_NO_CONNECTION: Final = {
    "gaierror": "its name cannot be resolved",
    "ConnectionRefusedError": "it refuses the connection",
    "TimeoutError": "it does not answer",
    "SSLCertVerificationError": "its certificate is not trusted",
    "SSLError": "TLS cannot be agreed on",
    "ConnectionResetError": "it closes the connection",
}
"""What an exception on the way to a host means."""


def _sentence(url: str, watch: Watch, error: BaseException) -> str:
    if watch.expired or isinstance(error, requests.Timeout):
        return f"no whole answer from {_host(url)} within {watch.seconds:g} s"
    if _cause(error) == PrivateAddressError.__name__:
        return _private(url)
    if not watch.sent:
        cause = _cause(error)
        return f"no connection to {_host(url)}: {_NO_CONNECTION.get(cause, cause)}; check the host and the network"
    return f"{_host(url)} broke off its answer ({_cause(error)})"


def _private(url: str) -> str:
    return f"{_host(url)} has a private address, which is not connected to"


def _cause(error: BaseException) -> str:
    while (deeper := _deeper(error)) is not None:
        error = deeper
    return type(error).__name__


def _deeper(error: BaseException) -> BaseException | None:
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    if error.args and isinstance(error.args[0], BaseException):
        return error.args[0]
    return error.__cause__


def _host(url: str) -> str:
    """The host that is called, by the reader of addresses that calls it."""
    try:
        return (urllib3.util.parse_url(url).host or "").strip("[]") or "an address without a host"
    except urllib3.exceptions.LocationParseError:
        return "an unreadable address"
