"""One call with leads: from a claim to the stored outcome of every lead in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bridge import log, metrics, tracing, zoho
from bridge.delivery import lock_and_breaker, retry
from bridge.delivery.url_or_body import Sender
from bridge.model import (
    DeliveryState,
    Effect,
    ParametersIn,
    Response,
    SideEffect,
    allowed_calls,
    call_name,
    delivery_name,
    event_name,
)
from bridge.outbox import queue, registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from bridge.delivery.account import Account
    from bridge.delivery.session import Session
    from bridge.log import Logger
    from bridge.model import Claim, ClaimedDelivery, Lane, Ledger, Transition
    from bridge.outbox import Outbox
    from bridge.outbox.registry import StoredToken
    from bridge.zoho import Keys


def make_call(
    session: Session, store: Outbox, claim: Claim, *, lane: Lane, ledger: Ledger, keys: Keys, token: StoredToken
) -> None:
    """Send a claimed call and store what came of it.

    A deliverer that was paused since it claimed sends nothing: after `send_by` the place in the ledger could be
    another's. The call stays counted.
    """
    account = session.account
    token = session.token_for_call(token)  # first, as it may wait
    if store.now() > claim.send_by:
        log.get_logger().warning("call.abandoned", call_id=call_name(claim.call_id), account=account.name)
        message = "the deliverer was paused for too long between claiming and sending"
        response = zoho.unanswered(claim.deliveries, sent=False, message=message)
        _store(account, store, claim, response, ledger, side_effect=SideEffect())
        return
    claim, kept_out = _sendable(claim)
    if not claim.deliveries:
        message = "no delivery of the call had an address that Zoho takes: nothing was sent"
        response = Response(effect=Effect.NONE, outcomes=(), message=message)
        _store(account, store, claim, response, ledger, side_effect=SideEffect(), kept_out=kept_out)
        return
    with _traced(account, store, claim):
        sender = Sender(account, store, claim, keys, token)
        response, shown = sender.send(ledger.parameters_in)
        tracing.note(effect=response.effect.value, http_status=response.http_status or 0)
    if response.effect is Effect.TOKEN:
        session.refuse_token(token)  # before the leads are free again: their next call needs another token
    held = bool(lane.held_reason)
    response = retry.judged(response, claim.deliveries, held=held, suspect_code=claim.suspect_code)
    limits = account.limits[claim.target.api]
    if response.effect is Effect.LOCK:
        ledger = queue.ledger(store, account.name, claim.target.api)  # the calls made meanwhile count, too
    after = lock_and_breaker.side_effect(
        response, ledger, lane, now=store.now(), lock_ms=limits.lock_ms, budget=limits.budget
    )
    after = replace(after, parameters_in=shown)
    _store(account, store, claim, response, ledger, side_effect=after, kept_out=kept_out)
    _log_side_effect(account, store, claim, response, after, ledger)


def _traced(account: Account, store: Outbox, claim: Claim) -> AbstractContextManager[Any]:
    """The span around a call, linked to the webhooks that brought its leads."""
    came_by = queue.traceparents(store, claim.call_id) if tracing.is_on() else ()
    name = call_name(claim.call_id)
    return tracing.delivery(claim.target.api, account.name, name, len(claim.deliveries), came_by)


def _sendable(claim: Claim) -> tuple[Claim, dict[ClaimedDelivery, str]]:
    """The claim without the deliveries whose addresses Zoho would refuse, and those, each with what is wrong."""
    problems = {one: why for one in claim.deliveries if (why := zoho.unsendable(one))}
    return replace(claim, deliveries=tuple(one for one in claim.deliveries if one not in problems)), problems


def _store(
    account: Account,
    store: Outbox,
    claim: Claim,
    response: Response,
    ledger: Ledger,
    *,
    side_effect: SideEffect,
    kept_out: Mapping[ClaimedDelivery, str] = MappingProxyType({}),
) -> None:
    now = store.now()
    limits = account.limits[claim.target.api]
    transitions = retry.transitions(
        response, claim.deliveries, ledger, call_id=claim.call_id, now=now, window_ms=limits.window_ms
    )
    transitions = (*transitions, *(retry.kept_out(one, why) for one, why in kept_out.items()))
    claim = replace(claim, deliveries=(*claim.deliveries, *kept_out))
    moved = queue.finish(
        store,
        call_id=claim.call_id,
        response=response,
        transitions=transitions,
        side_effect=side_effect,
        window_ms=limits.window_ms,
    )
    _log(account, store, claim, response, transitions, now=now, moved=moved)


def log_unchanged(account: Account, store: Outbox, api: str, settled: Sequence[ClaimedDelivery]) -> None:
    """One line for every delivery that was done without a call, since Zoho knows all it says."""
    logger = log.get_logger(account=account.name, api=api)
    key, now = registry.identity(store), store.now()
    for delivery in settled:
        logger.info("delivery.delivered", **_fields(delivery, key, now), result="unchanged", attempts=delivery.attempts)


def _fields(delivery: ClaimedDelivery, key: bytes, now: int) -> dict[str, object]:
    return {
        "delivery_id": delivery_name(delivery.id),
        "event_id": event_name(delivery.event_id),
        "lead_id": log.lead_id(key, delivery.lead),
        "age_ms": now - delivery.received_at,
    }


def _log(
    account: Account,
    store: Outbox,
    claim: Claim,
    response: Response,
    transitions: Sequence[Transition],
    *,
    now: int,
    moved: int,
) -> None:
    """One line for the call, one for every delivery that reached its end, one for what the call closed or opened."""
    logger = log.get_logger(account=account.name, api=claim.target.api, call_id=call_name(claim.call_id))
    logger.info(
        "call.finished",
        leads=len(claim.deliveries),
        moved=moved,
        http_status=response.http_status,
        code=response.code,
        effect=response.effect.value,
        results=dict(Counter(outcome.result for outcome in response.outcomes)),
        duration_ms=now - claim.started_at,
    )
    _count(claim, response, transitions, now=now)
    key = registry.identity(store)
    for delivery, transition in zip(claim.deliveries, transitions, strict=True):
        if transition.state not in (DeliveryState.DELIVERED, DeliveryState.DEAD):
            continue
        died = transition.state is DeliveryState.DEAD
        (logger.warning if died else logger.info)(
            "delivery.died" if died else "delivery.delivered",
            **_fields(delivery, key, now),
            result=transition.outcome.result,
            attempts=delivery.attempts + transition.counts,
            **({"reason": transition.reason.value, "code": transition.outcome.code} if transition.reason else {}),
        )


def _count(claim: Claim, response: Response, transitions: Sequence[Transition], *, now: int) -> None:
    """What the metrics count of a call."""
    account, api = claim.target.account, claim.target.api
    metrics.count(metrics.CALLS, account, api, response.effect.value)
    metrics.observe(metrics.CALL_SECONDS, (now - claim.started_at) / 1000, api)
    for result, leads in Counter(outcome.result for outcome in response.outcomes).items():
        metrics.count(metrics.OUTCOMES, account, api, result, by=leads)
    for delivery, transition in zip(claim.deliveries, transitions, strict=True):
        if transition.state is DeliveryState.DELIVERED:
            metrics.observe(metrics.RECEIVED_TO_ZOHO, (now - delivery.received_at) / 1000, api)


def _log_side_effect(
    account: Account, store: Outbox, claim: Claim, response: Response, side_effect: SideEffect, ledger: Ledger
) -> None:
    logger = log.get_logger(account=account.name, api=claim.target.api, call_id=call_name(claim.call_id))
    lane = {"lane": claim.lane_id, "target": claim.target.name}
    if side_effect.hold_reason:
        probe_at = log.shown_time(side_effect.probe_at)
        logger.error("lane.held", **lane, reason=side_effect.hold_reason, probe_at=probe_at)
    if side_effect.release_lane:
        logger.info("lane.released", **lane)
    if side_effect.locked_until:
        _log_lock(account, store, logger, side_effect, ledger)
    elif side_effect.breaker_until:
        logger.warning(
            "api.failing", until=log.shown_time(side_effect.breaker_until), failures=ledger.breaker_failures + 1
        )
    if side_effect.close_breaker:
        logger.info("api.recovered")
    if side_effect.parameters_in is ParametersIn.URL:
        logger.warning("api.parameters_in_url")


def _log_lock(account: Account, store: Outbox, logger: Logger, side_effect: SideEffect, ledger: Ledger) -> None:
    """Both numbers that matter: what we had sent when the lock came, and so what others must have."""
    limit, ours = account.limits[ledger.api].limit, len(ledger.slots)
    after = queue.ledger(store, account.name, ledger.api)  # of several locks at once, the first one counts
    logger.error(
        "api.locked",
        until=log.shown_time(side_effect.locked_until),
        limit=limit,
        calls_by_us=ours,
        calls_by_others=max(0, limit - ours),
        budget=allowed_calls(account.limits[ledger.api].budget, after.learned_budget),
    )
