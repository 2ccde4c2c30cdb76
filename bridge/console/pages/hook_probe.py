"""A hook tried out from its page: a rejected request judged again, and the sender's sample, signed and posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from flask import request as http
from werkzeug.exceptions import NotFound

from bridge import config
from bridge.console import acting
from bridge.console.page import Shown, console, to
from bridge.console.pages.hooks import page
from bridge.errors import LeadbridgeError, NoAnswerError
from bridge.hooks.hook import ClosedHook
from bridge.hooks.payload import pasted
from bridge.model import Role
from bridge.operations import hook_probe
from bridge.outbox.acts import write_audit

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.hooks.hook import Hook

_SHOWN: Final = 300
"""Characters of an answer that are shown."""


@page.look("/<name>/verify", role=Role.OPERATOR)
def verify(name: str) -> Shown:
    """The form for a request whose signature fails."""
    return _form(name, _opened(name))


@page.act("/<name>/verify", role=Role.OPERATOR)
def verified(name: str) -> Shown:
    """Why a request's signature fails. Nothing of the request is stored."""
    hook = _opened(name)
    if isinstance(hook, ClosedHook):
        return _form(name, hook)
    upload = http.files.get("file")
    exact = upload.read() if upload is not None and upload.filename else b""
    text = http.form.get("payload", "").encode("utf-8", "surrogatepass")
    lines = text.replace(b"\r\n", b"\n")
    bodies = (exact,) if exact else tuple(dict.fromkeys((lines, lines.strip(), lines.strip() + b"\n", text)))
    sent = pasted(bodies[0], http.form.get("headers", ""))
    url, now = http.form.get("url", "").strip(), console().outbox.now()
    found = hook_probe.judged(console().settings, hook, sent, bodies, url=url, now=now)
    return _form(name, hook, {"valid": found.valid, "reason": found.reason, "hints": found.hints})


@page.act("/<name>/test", role=Role.OPERATOR)
def send_test(name: str) -> AnyResponse | Shown:
    """Post the sender's sample to the hook, and go to what became of it."""
    from bridge.http import Http  # what a console needs for this alone

    hook = _opened(name)
    if isinstance(hook, ClosedHook):
        return _form(name, hook)
    url = console().settings.hook_url(name)
    try:
        with Http() as client:
            answer = hook_probe.send_sample(console().settings, hook, client, now=console().outbox.now())
    except NoAnswerError as error:
        _record(name, "no answer")
        raise LeadbridgeError(f"{url} gave no answer: {error}") from error
    _record(name, str(answer.status))
    try:
        event = str(orjson.loads(answer.body)["events"][0]["id"])
    except (ValueError, LookupError, TypeError):
        text = answer.body.decode("utf-8", "replace")[:_SHOWN]
        raise LeadbridgeError(f"the hook answered {answer.status} to its sender's sample: {text}") from None
    return to("leads.lead", what=event, said=f"The hook answered {answer.status}. This is what became of the sample.")


def _record(name: str, result: str) -> None:
    write_audit(console().outbox, "test", actor=acting.actor(), subject=f"hook={name}", result=result)


def _opened(name: str) -> Hook | ClosedHook:
    try:
        return hook_probe.hook_here(console().settings, name, config.environment())
    except LeadbridgeError as error:
        raise NotFound(str(error)) from None


def _form(name: str, hook: Hook | ClosedHook, found: dict[str, object] | None = None) -> Shown:
    problems = hook.problems if isinstance(hook, ClosedHook) else ()
    values = {
        "hook": name,
        "problems": problems,
        "found": found,
        "url": http.form.get("url", "") or console().settings.hook_url(name),
        "payload": http.form.get("payload", ""),
        "headers": http.form.get("headers", ""),
    }
    return Shown("hook_verify.html", values, found or {"problems": [problem.as_json() for problem in problems]})
