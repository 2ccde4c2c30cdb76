"""One call to a sender of ids only: counted in the ledger, bounded in size and time, and its answer judged.

Each host has a budget of its own for each account, under the name `fetch:HOST`, with the same ledger and the same
breaker as Zoho's APIs: several deliverers share it, and a host that fails is probed and not stormed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from bridge import intake, log, metrics
from bridge.delivery import lock_and_breaker
from bridge.errors import NoAnswerError
from bridge.model import MINUTE_MS, Effect, Response, event_name
from bridge.outbox import queue
from bridge.times import retry_after_ms
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.http import Http, HttpAnswer
    from bridge.intake import Fetch, FetchCall
    from bridge.model import Event
    from bridge.outbox import Outbox

BUDGET: Final = 300
WINDOW_MS: Final = 5 * MINUTE_MS
"""One call a second over five minutes: half of the least that a sender's page names, SurveyMonkey's 120 a minute
(https://api.surveymonkey.com/v3/docs#request-and-response-limits)."""

CALL_MS: Final = 20_000
MAX_BYTES: Final = 2_000_000


class FetchStatus(StrEnum):
    """What came of a question."""

    ANSWERED = "answered"
    LATER = "later"
    """No usable answer, or an error that may pass."""
    UNAUTHORISED = "unauthorised"
    """The token is refused: whoever asks next is refused, too."""
    FORBIDDEN = "forbidden"
    """The token may not read this; most often it may read nothing, but it can be this one thing."""
    GONE = "gone"
    UNASKED = "unasked"
    """The host takes no call now: its budget is used, or it fails. Nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`content` is the JSON answer of an answered question; `message` says of any other what came, without its text."""

    status: FetchStatus
    content: Any = None
    message: str = ""
    after_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: the connections, and the process's name in the ledger. With `base_url` all goes there, for tests."""

    store: Outbox
    http: Http
    name: str
    base_url: str = ""


def ask(
    asker: Asker,
    call: FetchCall,
    *,
    fetch: Fetch,
    event: Event,
    event_id: int,
    fetched: Mapping[str, Any],
    account: str,
) -> Reply:
    """Make one call and judge its answer. `fetched` is what was answered before. Raises OutboxError."""
    api = f"fetch:{call.host}"
    call_id = queue.count_call(
        asker.store,
        account=account,
        api=api,
        budget=BUDGET,
        window_ms=WINDOW_MS,
        call_ms=CALL_MS,
        deliverer=asker.name,
    )
    if call_id is None:
        return Reply(status=FetchStatus.UNASKED, message=f"{call.host} takes no call now")
    started_at = asker.store.now()
    status, reply, effect = _call(asker, call, fetch, event, fetched)
    after_ms = reply.after_ms or None
    response = Response(effect=effect, outcomes=(), http_status=status, message=reply.message, retry_after_ms=after_ms)
    _close(asker.store, account, api, call_id, response)
    log.get_logger(event_id=event_name(event_id)).info(
        "fetch.asked",
        host=call.host,
        step=call.name,
        http_status=status,
        result=reply.status.value,
        duration_ms=asker.store.now() - started_at,
    )
    metrics.count(metrics.CALLS, account, api, effect.value)
    return reply


def _call(
    asker: Asker, call: FetchCall, fetch: Fetch, event: Event, fetched: Mapping[str, Any]
) -> tuple[int | None, Reply, Effect]:
    try:
        answer = asker.http.send(
            "GET",
            _address(call, asker.base_url),
            headers={"Accept": "application/json", **call.headers},
            deadline_seconds=CALL_MS / 1000,
            max_bytes=MAX_BYTES,
        )
    except NoAnswerError as error:
        return None, Reply(status=FetchStatus.LATER, message=str(error)), Effect.OUTAGE
    content = intake.read_answer(answer.body)
    found = intake.fetch_error(fetch, event, {**fetched, call.name: content}) if content is not None else None
    reply = _judged(call.host, answer, content, found)
    busy = answer.status == 429 or answer.status >= 500 or found is intake.FetchError.BUSY
    return answer.status, reply, Effect.OUTAGE if busy else Effect.NONE


def _judged(host: str, answer: HttpAnswer, content: Any, found: intake.FetchError | None) -> Reply:
    """What an answer means: by its body where the preset knows how, else by its status."""
    answered = f"{host} answered {answer.status}"
    match found, answer.status:
        case intake.FetchError.TOKEN, _:
            return Reply(status=FetchStatus.UNAUTHORISED, message=f"{answered}: it refuses the token")
        case intake.FetchError.GONE, _:
            return Reply(status=FetchStatus.GONE, message=f"{answered}: it has no such thing any more")
        case intake.FetchError.BUSY, _:
            return Reply(
                status=FetchStatus.LATER,
                message=f"{answered}: it is busy",
                after_ms=retry_after_ms(answer.headers) or 0,
            )
        case _, 401:
            return Reply(status=FetchStatus.UNAUTHORISED, message=f"{answered}: it refuses the token")
        case _, 403:
            return Reply(status=FetchStatus.FORBIDDEN, message=f"{answered}: the token may not read this")
        case _, 404 | 410:
            return Reply(status=FetchStatus.GONE, message=f"{answered}: it has no such thing any more")
        case _, status if 200 <= status < 300 and content is not None:
            return Reply(status=FetchStatus.ANSWERED, content=content)
        case _, status if 200 <= status < 300:
            return Reply(status=FetchStatus.LATER, message=f"{answered} with what is no usable JSON")
        case _:
            return Reply(status=FetchStatus.LATER, message=answered, after_ms=retry_after_ms(answer.headers) or 0)


def _address(call: FetchCall, base_url: str) -> str:
    if not base_url:
        return call.url
    parts = parts_of(call.url)
    return f"{base_url}/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _close(store: Outbox, account: str, api: str, call_id: int, response: Response) -> None:
    ledger = queue.ledger(store, account, api)
    after = lock_and_breaker.side_effect(response, ledger, None, now=store.now(), lock_ms=0, budget=BUDGET)
    queue.finish(store, call_id=call_id, response=response, transitions=(), side_effect=after, window_ms=WINDOW_MS)
