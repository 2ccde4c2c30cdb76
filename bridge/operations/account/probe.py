"""Asking a real account what Zoho's pages leave open, and writing down what it answered.

Every call is counted in the outbox like all others. What is written holds the test address, and no other, and no token.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from bridge import zoho
from bridge.address import IN_TEXT, normalised
from bridge.delivery.lookups import ask, read_account
from bridge.errors import LeadbridgeError, ZohoError
from bridge.model import Target
from bridge.operations.account.questions import NOT_ASKED, Question, TrialLead, questions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bridge.delivery.account import Account
    from bridge.outbox import Outbox
    from bridge.zoho import Envelope, Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A question and what came of it. `why_not` is empty for one that was asked and answered.

    `effect` and `result` are what the service would have made of the answer.
    """

    name: str
    asks: str
    how: str = ""
    matters: str = ""
    why_not: str = ""
    waited_s: int = 0
    http_status: int | None = None
    format: str = ""
    code: str = ""
    status: str = ""
    message: str = ""
    effect: str = ""
    result: str = ""


def learn(account: Account, store: Outbox, lead: TrialLead) -> Iterator[Finding]:
    """Ask all questions, each finding as soon as it is known; those that are never asked come last.

    Raises ZohoError when the account cannot be read, LeadbridgeError when it has no such list or journey.
    """
    keys = _keys(account, store, lead)
    for question in questions(lead, keys):
        yield _answered(account, store, lead, question)
    if not lead.journey_name:
        yield Finding(name="trigger", asks="Everything about Trigger Leads", why_not="no --journey was given")
    for name, (asks, why_not) in NOT_ASKED.items():
        yield Finding(name=name, asks=asks, why_not=why_not)


def write_down(path: Path, lead: TrialLead, api_url: str, findings: Sequence[Finding]) -> Path:
    """Write the findings to `path` as JSON and, for people, next to it with the ending .md; the path of the latter.

    Both are new files that their owner alone can read. Raises LeadbridgeError.
    """
    readable = path.with_suffix(".md")
    report = {"api_url": api_url, "lead": asdict(lead), "findings": [asdict(one) for one in findings]}
    _write_new(path, orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    _write_new(readable, page(lead, api_url, findings).encode())
    return readable


def page(lead: TrialLead, api_url: str, findings: Sequence[Finding]) -> str:
    """The findings for people, as Markdown."""
    lines = [
        f"# What {api_url} answered",
        "",
        f"Test lead {lead.address} (before: {lead.was}), list {lead.list_name}, journey {lead.journey_name or '-'}.",
    ]
    for one in findings:
        lines += ["", f"## {one.asks}", ""]
        if one.how:
            lines.append(f"- asked by: {one.how}")
        lines.append(f"- not asked: {one.why_not}" if one.why_not else f"- answer: {answer_of(one)}")
        if one.matters:
            lines.append(f"- what hangs on it: {one.matters}")
    return "\n".join([*lines, ""])


def answer_of(one: Finding) -> str:
    """An answer in one line."""
    said = f"HTTP {one.http_status}, {one.format}, code {one.code or '-'}, status {one.status or '-'}"
    message = f", {one.message!r}" if one.message else ""
    waited = f", after waiting {one.waited_s} s" if one.waited_s else ""
    return f"{said}{message}; read as: {one.result or one.effect}{waited}"


def _keys(account: Account, store: Outbox, lead: TrialLead) -> Keys:
    needs = {"list", "journey"} if lead.journey_name else {"list"}
    target = Target(account=account.name, api="trigger", list_name=lead.list_name, journey_name=lead.journey_name)
    keys = zoho.resolve(read_account(account, store), target, needs)
    if isinstance(keys, zoho.Unresolved):
        raise LeadbridgeError(keys.message)
    return keys


def _answered(account: Account, store: Outbox, lead: TrialLead, question: Question) -> Finding:
    waited = 0
    for wait in (0, *question.again_after):
        if wait:
            account.sleep(wait)
            waited += wait
        try:
            envelope = ask(
                account,
                store,
                zoho.APIS[question.api],
                question.form,
                path_keys={"journey_key": question.journey_key},
                in_url=question.in_url,
                wrong_token=question.wrong_token,
            )
        except ZohoError as error:
            return Finding(
                name=question.name,
                asks=question.asks,
                how=question.how,
                matters=question.matters,
                why_not=_without_others(str(error), lead.address),
            )
        if _place(envelope, lead.address) != "ignored_leads":
            break
    return _finding(question, envelope, lead.address, waited)


def _finding(question: Question, envelope: Envelope, address: str, waited: int) -> Finding:
    response = zoho.APIS[question.api].read(envelope, ())
    return Finding(
        name=question.name,
        asks=question.asks,
        how=question.how,
        matters=question.matters,
        waited_s=waited,
        http_status=envelope.http_status,
        format=envelope.format.value,
        code=envelope.code,
        status=envelope.status,
        message=_without_others(envelope.message, address),
        effect=response.effect.value,
        result=_result(question, envelope, address),
    )


def _result(question: Question, envelope: Envelope, address: str) -> str:
    judged = zoho.judge(question.api, envelope).value
    if question.api != "trigger" or not envelope.succeeded:
        return judged
    counts = ", ".join(f"{len(leads)} {place}" for place, leads in zoho.named_leads(envelope).items())
    return f"the test lead is in {_place(envelope, address) or 'none of the three lists'} ({counts})"


def _place(envelope: Envelope, address: str) -> str:
    """In which of the three lists of an answer the address is, empty for none."""
    return next((place for place, leads in zoho.named_leads(envelope).items() if normalised(address) in leads), "")


def _without_others(text: str, address: str) -> str:
    ours = normalised(address)
    return IN_TEXT.sub(lambda found: found[0] if normalised(found[0]) == ours else "(address)", text)


def _write_new(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise LeadbridgeError(f"{str(path)!r} cannot be written: {error.strerror}; give a new one: --file") from error
