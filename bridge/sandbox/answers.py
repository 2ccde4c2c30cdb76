"""The bodies the sandbox answers with: Zoho's envelopes in JSON and XML, its error codes, its lock, its OAuth.

Codes and shapes: https://zoho.com/marketingautomation/help/developers/error-codes.html and each API's own page. An
error usually comes with HTTP 200.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from bridge.sandbox.settings import LockAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGES = {
    "0": "This lead is already in the do-not-mail registry.",
    "400": "The requested resource cannot be found.",
    "401": "Unauthorized request.",
    "903": "Mandatory fields are missing.",
    "980": "You cannot add more leads: the maximum of your plan is reached.",
    "992": "No tag found.",
    "993": "The lead is not found.",
    "1002": "An unknown parameter was found.",
    "1004": "The resource you are looking for cannot be found.",
    "1006": "A parameter was given more than once.",
    "2001": "Please enter correct JSON format.",
    "2004": "Invalid lead email address.",
    "2005": "Group email address added.",
    "2006": "This lead is in the do-not-mail registry.",
    "2007": "The value of a parameter is invalid.",
    "2008": "You have exceeded the limit of API calls.",
    "2101": "Please try again later.",
    "2104": "Please try again later.",
    "2206": "The list is deleted.",
    "2401": "No list has been created.",
    "2501": "Listkey is empty or invalid.",
    "6613": "The tag does not exist.",
    "6614": "A tag of this name exists already.",
    "6615": "Please try again later.",
    "6616": "The colour of the tag is invalid.",
    "9001": "No journey matches the given criteria.",
    "9002": "Invalid journey key.",
    "9004": "Number of emails exceeded the limit. (limit:200)",
    "9006": "Journey is currently inactive.",
    "9007": "Mandatory field is not found.",
    "9008": "No such trigger exists.",
}
"""What the sandbox says with each error code. Only the codes are Zoho's; no client should read the texts."""


class Envelope(Enum):
    """Where an API's body holds its code and its address."""

    URI = "uri"
    URL = "url"
    NESTED = "response"
    """Everything lies under `response`."""
    OAUTH = "oauth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back to the caller. A `status` of None closes the connection without an answer.

    `code` is the body's own code, for the record of calls.
    """

    status: int | None
    body: str = ""
    content_type: str = "application/json;charset=UTF-8"
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING = Answer(status=None)


def json_answer(body: Mapping[str, Any], *, status: int = 200, code: str = "") -> Answer:
    """A JSON body as it stands."""
    return Answer(status=status, body=json.dumps(body, ensure_ascii=False), code=code)


def envelope(kind: Envelope, path: str, code: str, message: str, *, good: bool, xml: bool, status: int) -> Answer:
    """The five keys of the older APIs (`message`, `status`, `code`, `uri` or `url`, `version`), in JSON or XML."""
    word = "success" if good else "error"
    if xml:
        return _xml(path, code, message, word, status)
    if kind is Envelope.NESTED:
        return json_answer({"response": {"message": message, "code": code, "uri": path}}, status=status, code=code)
    if kind is Envelope.OAUTH:
        return oauth_error(code, status=status)
    body = {"message": message, "status": word, "code": code, kind.value: path, "version": "1"}
    return json_answer(body, status=status, code=code)


def error(kind: Envelope, path: str, code: str, *, xml: bool = False, status: int = 200) -> Answer:
    """An error with one of the codes of `MESSAGES` (or any other) in the body."""
    message = MESSAGES.get(code, "The request could not be processed.")
    return envelope(kind, path, code, message, good=False, xml=xml, status=status)


def unauthorised(kind: Envelope, path: str) -> Answer:
    """The answer to a missing, unknown or expired access token: HTTP 401."""
    return error(kind, path, "401", status=401)


def scope_missing() -> Answer:
    """The answer to a token that may not use this API: HTTP 401, but a new token does not help."""
    code = "INVALID_OAUTHSCOPE"
    body = {"code": code, "message": "The token lacks the scope of this request.", "status": "error"}
    return json_answer(body, status=401, code=code)


def locked(form: LockAnswer, kind: Envelope, path: str, remaining_ms: int) -> Answer:
    """The answer of an API in its lock, in one of the forms seen among Zoho's products."""
    if kind is Envelope.OAUTH:
        return access_denied()
    wait = _wait(remaining_ms)
    match form:
        case LockAnswer.CODE:
            return error(kind, path, "2008")
        case LockAnswer.TOO_MANY:
            body = {"code": "429", "status": "error", "message": f"Too many requests. Try again after {wait}."}
            headers = {"Retry-After": str(math.ceil(remaining_ms / 1000))}
            return Answer(status=429, body=json.dumps(body), code="429", headers=headers)
        case LockAnswer.THROTTLED:
            title = "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED"
            body_ = {"title": title, "message": f"The limit of calls is exceeded. Try again after {wait}."}
            return json_answer({"error": body_}, status=400, code=title)


def oauth_success(token: str, seconds: int, refresh_token: str) -> Answer:
    """A new access token; the refresh token only with the first one."""
    body: dict[str, Any] = {"access_token": token, "expires_in": seconds, "token_type": "Bearer"}
    body["api_domain"] = "https://www.zohoapis.com"
    if refresh_token:
        body["refresh_token"] = refresh_token
    return json_answer(body)


def oauth_error(code: str, *, status: int = 200) -> Answer:
    """An error of the token endpoint, which comes with HTTP 200."""
    return json_answer({"error": code}, status=status, code=code)


def access_denied() -> Answer:
    """The answer to more than ten tokens in ten minutes, as recorded: HTTP 400."""
    description = "You have made too many requests continuously. Please try again after some time."
    body = {"error": "Access Denied", "error_description": description, "status": "failure"}
    return json_answer(body, status=400, code="Access Denied")


def html(status: int) -> Answer:
    """A gateway's page in the place of an answer."""
    page = f"<html><head><title>{status}</title></head><body><h1>Something went wrong</h1></body></html>"
    return Answer(status=status, body=page, content_type="text/html;charset=UTF-8")


def _xml(path: str, code: str, message: str, word: str, status: int) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<response uri={quoteattr(path)} version="1"><status>{word}</status><code>{escape(code)}</code>'
        f"<message>{escape(message)}</message></response>"
    )
    return Answer(status=status, body=body, content_type="text/xml;charset=UTF-8", code=code)


def _wait(remaining_ms: int) -> str:
    seconds = math.ceil(remaining_ms / 1000)
    return f"{math.ceil(seconds / 60)} minutes" if seconds >= 60 else f"{seconds} seconds"
