"""The webhooks that the demo sends, in the shapes of their senders, signed as the senders sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson

QUESTIONS: Final = (
    ("email", "email", "Your e-mail address"),
    ("name", "short_text", "Your name"),
    ("company", "short_text", "Company, if any"),
    ("phone", "phone_number", "Phone"),
    ("plan", "multiple_choice", "Which plan?"),
    ("consent", "yes_no", "May we send you our newsletter?"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook of the story: what a person did, its hook, and whether its signature is broken on the way."""

    title: str
    hook: str
    body: bytes
    content_type: str
    forged: bool = False


def webhooks() -> tuple[Webhook, ...]:
    """All webhooks of the story, in order."""
    ada = _typeform(
        "evt-ada", email="Ada@example.com", name="Ada King Lovelace", phone="98765 43210", plan="Team", consent=True
    )
    grace = _typeform("evt-grace", email="grace@example.org", name="Grace Hopper", consent=False)
    mistyped = _typeform("evt-mistyped", email="charles at example", name="Charles Babbage", consent=True)
    alan = {"email": "alan@example.net", "first_name": "alan", "last_name": "turing", "newsletter": "on"}
    return (
        Webhook(title="Ada fills in a Typeform", hook="typeform", body=ada, content_type=_JSON),
        Webhook(title="Typeform sends it once more", hook="typeform", body=ada, content_type=_JSON),
        Webhook(title="Grace does not tick the newsletter", hook="typeform", body=grace, content_type=_JSON),
        Webhook(title="Charles mistypes his address", hook="typeform", body=mistyped, content_type=_JSON),
        Webhook(title="Somebody forges a webhook", hook="typeform", body=ada, content_type=_JSON, forged=True),
        Webhook(
            title="Alan uses the website's own form, for a list that confirms first",
            hook="website-form",
            body=urlencode(alan).encode(),
            content_type="application/x-www-form-urlencoded",
        ),
        Webhook(title="A shop sends a batch of three", hook="json-batch", body=_batch(), content_type=_JSON),
    )


_JSON: Final = "application/json"


def _typeform(event_id: str, **answers: Any) -> bytes:
    """A body as https://www.typeform.com/developers/webhooks/example-payload/ describes it."""
    fields = [{"id": f"field-{ref}", "ref": ref, "type": kind, "title": title} for ref, kind, title in QUESTIONS]
    body = {
        "event_id": event_id,
        "event_type": "form_response",
        "form_response": {
            "form_id": "newsletter",
            "token": f"response-{event_id}",
            "submitted_at": "2026-11-20T09:30:00Z",
            "hidden": {"utm_source": "search"},
            "definition": {"id": "newsletter", "title": "Newsletter", "fields": fields},
            "answers": [_answer(ref, kind, answers[ref]) for ref, kind, _ in QUESTIONS if ref in answers],
        },
    }
    return orjson.dumps(body)


def _answer(ref: str, kind: str, value: Any) -> dict[str, Any]:
    field = {"id": f"field-{ref}", "ref": ref, "type": kind}
    match kind:
        case "multiple_choice":
            return {"type": "choice", "choice": {"label": value}, "field": field}
        case "yes_no":
            return {"type": "boolean", "boolean": value, "field": field}
        case "short_text":
            return {"type": "text", "text": value, "field": field}
    return {"type": kind, kind: value, "field": field}


def _batch() -> bytes:
    people = (
        (1, "emmy@example.com", "Emmy", "Noether", "news"),
        (2, "sofya@example.com", "Sofya", "Kovalevskaya", "news"),
        (3, "hypatia@example.com", "Hypatia", "", "stamps"),
    )
    return orjson.dumps(
        [
            {
                "id": number,
                "source": "shop",
                "email": email,
                "name": {"first": first, "last": last},
                "audience": audience,
                "consent": {"marketing": True},
            }
            for number, email, first, last, audience in people
        ]
    )
