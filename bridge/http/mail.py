"""Mail that goes out by SMTP, by the same deadline and to the same addresses as HTTP. The one home of `smtplib`."""

from __future__ import annotations

import smtplib
import ssl
from typing import TYPE_CHECKING, Any

import requests.utils

from bridge.errors import NoAnswerError
from bridge.http.sockets import PrivateAddressError, connect, watching

if TYPE_CHECKING:
    import socket
    from email.message import EmailMessage


class _Watched(smtplib.SMTP):
    """A connection that the call's watch can shut down."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # smtplib's own seam
        return connect(host, port)


class _WatchedTls(smtplib.SMTP_SSL, _Watched):
    """The same with TLS from the first byte."""


def send_mail(
    message: EmailMessage,
    *,
    scheme: str,
    host: str,
    port: int,
    user: str = "",
    password: str = "",
    ca_file: str | None = None,
    public_only: bool = False,
    deadline_seconds: float,
) -> str:
    """Hand one mail to a server; "" or what was wrong although it took the mail: some recipients were refused.

    `scheme`: `smtp` needs STARTTLS, `smtps` starts with TLS, `smtp+plain` has none. `public_only` as for `Http`.

    Raises:
        NoAnswerError: the server did not take it. The text holds no address, no password and nothing of the server's.
    """
    with watching(deadline_seconds, public_only=public_only) as watch:
        context = ssl.create_default_context(cafile=ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH)
        try:
            with _opened(scheme, host, port, deadline_seconds, context) as server:
                if scheme == "smtp":
                    server.starttls(context=context)
                if user:
                    server.login(user, password)
                refused = server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # `from None`: the library's texts hold addresses and what the server says of them.
            raise NoAnswerError(_sentence(host, error, expired=watch.expired), sent=True) from None
    return f"{host} refused {len(refused)} of the recipients" if refused else ""


def _opened(scheme: str, host: str, port: int, seconds: float, context: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return _WatchedTls(host, port, timeout=seconds, context=context)
    return _Watched(host, port, timeout=seconds)


def _sentence(host: str, error: Exception, *, expired: bool) -> str:
    code = f" ({error.smtp_code})" if isinstance(error, smtplib.SMTPResponseException) else ""
    match error:
        case _ if expired or isinstance(error, TimeoutError):
            return f"{host} did not take the mail in time"
        case PrivateAddressError():
            return f"{host} has a private address, which is not connected to"
        case smtplib.SMTPAuthenticationError():
            return f"{host} refused the user and password{code}"
        case smtplib.SMTPRecipientsRefused():
            return f"{host} refused every recipient ({_lowest_code(error.recipients)})"
        case smtplib.SMTPSenderRefused():
            return f"{host} refused the sender{code}"
        case smtplib.SMTPNotSupportedError():
            return f"{host} offers no STARTTLS or no way to log in; see the scheme of its address"
        case ssl.SSLCertVerificationError():
            return f"the certificate of {host} is not trusted"
        case _:
            return f"{host} did not take the mail ({type(error).__name__}){code}"


def _lowest_code(recipients: dict[str, Any]) -> int:
    return min(int(answer[0]) for answer in recipients.values())
