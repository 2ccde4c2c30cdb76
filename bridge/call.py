"""One call with leads: from a claim to the stored outcome of every lead in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bridge import log, outbox, retry, zoho
from bridge.account import CALL_MS
from bridge.errors import NoAnswerError
from bridge.model import Aftermath, DeliveryState, Effect, call_name, delivery_name, event_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.account import Account
    from bridge.model import Claim, Lane, Ledger, Move, Reading
    from bridge.outbox import Outbox, StoredToken
    from bridge.zoho import Keys


def make_call(
    account: Account, store: Outbox, claim: Claim, *, lane: Lane, ledger: Ledger, keys: Keys, token: StoredToken
) -> Reading:
    """Send a claimed call and store what came of it.

    A deliverer that was paused since it claimed sends nothing: after `send_by` the place in the ledger could be
    another's. The call stays counted.
    """
    if store.now() > claim.send_by:
        log.get_logger().warning("call.abandoned", call_id=call_name(claim.call_id), account=account.name)
        message = "the deliverer was paused for too long between claiming and sending"
        reading = zoho.unanswered(claim.deliveries, sent=False, message=message)
        _store(account, store, claim, reading, aftermath=Aftermath())
        return reading
    reading = _send(account, claim, keys, token)
    if reading.effect is Effect.TOKEN:
        outbox.reject_token(store, account.name, generation=token.generation)
    lock_ms = account.limits[claim.target.api].lock_ms
    aftermath = retry.aftermath(reading, ledger, lane, now=store.now(), lock_ms=lock_ms)
    _store(account, store, claim, reading, aftermath=aftermath)
    _log_aftermath(account, claim, reading, aftermath, ledger)
    return reading


def _send(account: Account, claim: Claim, keys: Keys, token: StoredToken) -> Reading:
    api = zoho.APIS[claim.target.api]
    try:
        envelope = zoho.send(
            account.http,
            api,
            api_url=account.zoho.api_url,
            token=token.access,
            path_keys={"journey_key": keys.journey_key},
            form=api.form(keys, claim.deliveries),
            deadline_seconds=CALL_MS / 1000,
        )
    except NoAnswerError as error:
        return zoho.unanswered(claim.deliveries, sent=error.sent, message=str(error))
    return api.read(envelope, claim.deliveries)


def _store(account: Account, store: Outbox, claim: Claim, reading: Reading, *, aftermath: Aftermath) -> None:
    now = store.now()
    limits = account.limits[claim.target.api]
    moves = [
        retry.next_move(
            delivery,
            outcome,
            effect=reading.effect,
            call_id=claim.call_id,
            position=position,
            size=len(claim.deliveries),
            now=now,
            window_ms=limits.window_ms,
        )
        for position, (delivery, outcome) in enumerate(zip(claim.deliveries, reading.outcomes, strict=True))
    ]
    moved = outbox.finish(
        store, call_id=claim.call_id, reading=reading, moves=moves, aftermath=aftermath, window_ms=limits.window_ms
    )
    _log(account, store, claim, reading, moves, now=now, moved=moved)


def _log(
    account: Account, store: Outbox, claim: Claim, reading: Reading, moves: Sequence[Move], *, now: int, moved: int
) -> None:
    """One line for the call, one for every delivery that reached its end, one for what the call closed or opened."""
    logger = log.get_logger(account=account.name, api=claim.target.api, call_id=call_name(claim.call_id))
    logger.info(
        "call.finished",
        leads=len(claim.deliveries),
        moved=moved,
        http_status=reading.http_status,
        code=reading.code,
        effect=reading.effect.value,
        results=dict(Counter(outcome.result for outcome in reading.outcomes)),
        duration_ms=now - claim.started_at,
    )
    key = outbox.identity(store)
    for delivery, move in zip(claim.deliveries, moves, strict=True):
        if move.state not in (DeliveryState.DELIVERED, DeliveryState.DEAD):
            continue
        died = move.state is DeliveryState.DEAD
        (logger.warning if died else logger.info)(
            "delivery.died" if died else "delivery.delivered",
            delivery_id=delivery_name(delivery.id),
            event_id=event_name(delivery.event_id),
            lead_id=log.lead_id(key, delivery.lead),
            result=move.outcome.result,
            attempts=delivery.attempts + move.counts,
            age_ms=now - delivery.received_at,
            **({"reason": move.reason.value, "code": move.outcome.code} if move.reason else {}),
        )


def _log_aftermath(account: Account, claim: Claim, reading: Reading, aftermath: Aftermath, ledger: Ledger) -> None:
    logger = log.get_logger(account=account.name, api=claim.target.api, call_id=call_name(claim.call_id))
    if aftermath.hold_reason:
        logger.error("lane.held", reason=aftermath.hold_reason, probe_at=aftermath.probe_at)
    if aftermath.release_lane:
        logger.info("lane.released")
    if aftermath.locked_until:
        logger.error("api.locked", until=aftermath.locked_until, calls_in_window=len(ledger.slots), code=reading.code)
    if aftermath.breaker_until:
        logger.warning("api.failing", until=aftermath.breaker_until, failures=ledger.breaker_failures + 1)
    if aftermath.close_breaker:
        logger.info("api.recovered")
