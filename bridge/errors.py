"""Every error of the product, by the stage it belongs to. The docstring is the default message.

LeadbridgeError
├── SettingsError          the environment is missing something or contradicts itself
├── IntakeError            a request is rejected
│   ├── UnknownHookError       404: no mapping of this name was ever there
│   ├── ClosedHookError        503: its mapping or a secret is missing for now
│   ├── MethodError            405: not a method that this sender delivers by
│   ├── SignatureError         401: missing, wrong or expired signature
│   ├── HandshakeError         403: a handshake with the wrong token, or one that asks us to sign too much
│   ├── UnreadableError        400, or a refused event when the sender is authenticated
│   ├── MediaTypeError         415
│   ├── TooLargeError          413
│   ├── RateError              429: too many requests of one hook
│   └── MalformedError         400: HTTP that cannot be read
├── UnknownNameError       a name chooses something that there is not
├── PathError              an expression in a mapping or a preset cannot be read
├── OutboxError            the durable store
│   ├── OutboxUnavailableError     it cannot be read or written in time: 503, the sender retries
│   ├── OutboxVersionError         its schema is newer than this code
│   └── OutboxMovedError           its content lives in another database now
└── ZohoError              a call could not be made or its answer not used
    ├── TokenError             no access token can be obtained
    └── NoAnswerError          the call was sent (perhaps) and no whole answer came
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Problem


class LeadbridgeError(Exception):
    """Leadbridge cannot go on."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class SettingsError(LeadbridgeError):
    """The settings are incomplete or contradict each other."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in problems))


class UnknownNameError(LeadbridgeError):
    """What is named does not exist: a mistake of whoever wrote the command, like an option that there is not."""


class IntakeError(LeadbridgeError):
    """The request is rejected.

    `hint` says more to whoever reads the log, and nothing of it is for the sender.
    """

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class UnknownHookError(IntakeError):
    """There is no hook of this name."""


class ClosedHookError(IntakeError):
    """The hook cannot take requests for now; `hook` is its name."""

    def __init__(self, message: str = "", *, hook: str = "") -> None:
        self.hook = hook
        super().__init__(message)


class MethodError(IntakeError):
    """Webhooks do not come by this method here."""

    def __init__(self, message: str = "", *, allowed: Sequence[str] = ()) -> None:
        self.allowed = tuple(allowed)
        super().__init__(message)


class HandshakeError(IntakeError):
    """The handshake is refused."""


class SignatureError(IntakeError):
    """The request failed verification."""


class RateError(IntakeError):
    """More requests of this hook come than are taken; `retry_after` is when the next one is, in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class MalformedError(IntakeError):
    """What came is no HTTP request, or ended before its end."""


class UnreadableError(IntakeError):
    """The body cannot be read in the form the sender promised."""


class MediaTypeError(IntakeError):
    """The body's content type is not handled here."""


class TooLargeError(IntakeError):
    """The body is larger than the limit."""


class PathError(LeadbridgeError):
    """The path cannot be read."""


class OutboxError(LeadbridgeError):
    """The outbox cannot be used."""


class OutboxUnavailableError(OutboxError):
    """The outbox cannot be read or written in time."""


class OutboxVersionError(OutboxError):
    """The outbox was written by a newer version of Leadbridge; upgrade this one."""


class OutboxMovedError(OutboxError):
    """The outbox was moved to another database; point LEADBRIDGE_DATABASE_URL there."""


class ZohoError(LeadbridgeError):
    """The call to Zoho failed."""


class AccountError(ZohoError):
    """The account, or how it is set up, does not allow what was asked; waiting does not help."""


class TokenError(ZohoError):
    """No access token can be obtained."""

    def __init__(self, message: str = "", *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(message)


class NoAnswerError(ZohoError):
    """No whole answer came before the deadline.

    `sent` is False only when it is certain that Zoho saw nothing of the call (no connection was made).
    """

    def __init__(self, message: str = "", *, sent: bool) -> None:
        self.sent = sent
        super().__init__(message)
