"""Each channel against a real receiver: signatures that the standard's own library verifies, mail over TLS."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bridge import config
from bridge.operations.reporting.channels import AlarmChannelError, Channel, open_channels
from bridge.operations.reporting.message import AlarmMessage, trial_message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "whsec_" + "c2VjcmV0" * 5
PASSWORD = "p@ss:word"


class Receiver:
    """A web server that notes each request and answers with `status`."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.status, self.headers = 200, {"Retry-After": "120"}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/secret-path"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


def channel(kind: str, **settings: str) -> Channel:
    environ = {f"LEADBRIDGE_ALARM_{name.upper()}": value for name, value in ({"private": "true"} | settings).items()}
    return next(one for one in open_channels(config.load(environ)) if one.kind == kind)


def message() -> AlarmMessage:
    return trial_message(int(datetime.now(UTC).timestamp() * 1000))


def test_a_webhook_is_signed_as_standard_webhooks_verifies_it(receiver: Receiver) -> None:
    sent = message()
    channel("webhook", webhook_url=receiver.url, webhook_secret=SECRET).send(sent)
    ((headers, body),) = receiver.requests
    found: Any = Webhook(SECRET).verify(body, headers)
    assert found["data"]["raised"][0]["name"] == "trial"
    assert headers["webhook-id"] == sent.message_id
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)


@pytest.mark.parametrize(("kind", "member"), [("slack", "blocks"), ("teams", "attachments")])
def test_chats_get_the_form_they_ask_for(receiver: Receiver, kind: str, member: str) -> None:
    channel(kind, **{f"{kind}_url": receiver.url}).send(message())
    ((headers, body),) = receiver.requests
    assert headers["content-type"] == "application/json"
    assert member in orjson.loads(body)


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500])
def test_a_refusal_names_the_host_and_never_the_url(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(AlarmChannelError, match=f"127.0.0.1 answered {status}") as raised:
        channel("slack", slack_url=receiver.url).send(message())
    assert raised.value.retry_after == 120
    assert "secret-path" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("slack", {"slack_url": "http://127.0.0.1:9/"}),
        ("mail", {"mail_server": "smtp://127.0.0.1:9", "mail_from": "a@example.com", "mail_to": "b@example.com"}),
    ],
)
def test_a_private_address_is_connected_to_only_where_the_settings_allow_it(
    kind: str, settings: dict[str, str]
) -> None:
    with pytest.raises(AlarmChannelError, match=r"private address.*LEADBRIDGE_ALARM_PRIVATE=true"):
        channel(kind, private="false", **settings).send(message())


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as listener:
        return int(listener.getsockname()[1])


class Mailbox:
    """What a mail server does with what it gets."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse and self.refuse in address:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ada@example.com", PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for localhost, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(params=["smtp", "smtps", "smtp+plain"])
def mail_server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[str, Mailbox]]:
    """A real SMTP server of each kind: its setting, and its mailbox."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    mailbox, scheme = Mailbox(), request.param
    options: dict[str, Any] = {"loop": asyncio.new_event_loop(), "hostname": "localhost", "port": free_port()}
    if scheme != "smtp+plain":
        options |= {"authenticator": authenticator}
    if scheme == "smtp":
        options |= {"tls_context": context, "require_starttls": True, "auth_required": True}
    if scheme == "smtps":
        options |= {"ssl_context": context, "auth_require_tls": False}
    controller = Controller(mailbox, **options)
    controller.start()
    user = "" if scheme == "smtp+plain" else "ada%40example.com:p%40ss%3Aword@"
    yield f"{scheme}://{user}localhost:{controller.port}", mailbox
    controller.stop()


def mailing(server: str, certificate: Path, recipients: str = "ops@example.com,b@example.com") -> Channel:
    return channel(
        "mail",
        mail_server=server,
        mail_from="bridge@example.com",
        mail_to=recipients,
        ca_bundle=str(certificate),
    )


def test_a_mail_arrives(mail_server: tuple[str, Mailbox], certificate: Path) -> None:
    server, mailbox = mail_server
    assert mailing(server, certificate).send(message()) == ""
    (mail,) = mailbox.mails
    assert mail["To"] == "ops@example.com, b@example.com"
    assert "this message was sent by" in mail.get_content()


def test_recipients_that_are_refused_are_counted_and_never_named(
    mail_server: tuple[str, Mailbox], certificate: Path
) -> None:
    server, mailbox = mail_server
    mailbox.refuse = "ops@"
    assert mailing(server, certificate).send(message()) == "localhost refused 1 of the recipients"
    mailbox.refuse = "@"
    with pytest.raises(AlarmChannelError, match=r"^localhost refused every recipient \(550\)$"):
        mailing(server, certificate).send(message())


def test_a_wrong_password_and_an_untrusted_certificate_are_said_so(
    mail_server: tuple[str, Mailbox], certificate: Path
) -> None:
    server, mailbox = mail_server
    if server.startswith("smtp+plain"):
        with pytest.raises(AlarmChannelError, match="offers no STARTTLS"):
            mailing(server.replace("smtp+plain", "smtp"), certificate).send(message())
        return
    with pytest.raises(AlarmChannelError, match=r"^localhost refused the user and password \(535\)$"):
        mailing(server.replace("p%40ss", "other"), certificate).send(message())
    bare = channel("mail", mail_server=server, mail_from="a@example.com", mail_to="b@example.com")
    with pytest.raises(AlarmChannelError, match="certificate of localhost is not trusted"):
        bare.send(message())
    assert mailbox.mails == []
