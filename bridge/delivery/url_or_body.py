"""Where an account takes the parameters of a call: in the body, or only in the URL. One call, asked in both if need be.

Zoho's samples have the parameters of a POST in the URL
(https://zoho.com/marketingautomation/help/developers/trigger-leads.html); public clients send a body, which holds 200
addresses. Only an account can say whether it reads one. So while none of an API's calls was accepted yet, a body that
is refused for something mandatory that is missing is asked once more, the same leads in the URL, as a second call of
the ledger. What is accepted is remembered with the API, and no lead loses an attempt by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge import metrics, zoho
from bridge.delivery.account import close_call, count_call
from bridge.errors import NoAnswerError, ZohoError
from bridge.model import Effect, Outcome, OutcomeStatus, ParametersIn, Response
from bridge.outbox import queue

if TYPE_CHECKING:
    from bridge.delivery.account import Account
    from bridge.model import Claim
    from bridge.outbox import Outbox
    from bridge.outbox.registry import StoredToken
    from bridge.zoho import Keys

_TAKEN: Final = frozenset({OutcomeStatus.DELIVERED, OutcomeStatus.IGNORED})
_OPEN: Final = frozenset({ParametersIn.UNKNOWN, ParametersIn.UNSURE})

SMALL: Final = frozenset({ParametersIn.URL, ParametersIn.UNSURE})
"""Where calls are made no larger than fits into a URL."""


def spared(place: ParametersIn) -> int:
    """How many calls of the budget no claim may use, so that one which is refused can be asked again."""
    return int(place in _OPEN)


@dataclass(frozen=True, slots=True)
class Sender:
    """One claimed call, and what it takes to send it."""

    account: Account
    store: Outbox
    claim: Claim
    keys: Keys
    token: StoredToken

    def send(self, place: ParametersIn) -> tuple[Response, ParametersIn]:
        """Send the call where the account takes its parameters; what came of it, and what it has shown of `place`."""
        if place is ParametersIn.URL:
            return self._ask(in_url=True), ParametersIn.UNKNOWN
        response = self._ask(in_url=False)
        if place is ParametersIn.BODY or not zoho.is_missing(response.code):
            return response, ParametersIn.BODY if _is_taken(response) else ParametersIn.UNKNOWN
        return self._send_again(response)

    def _send_again(self, refused: Response) -> tuple[Response, ParametersIn]:
        """What a body that was refused as if it were empty comes to, once the same was asked in the URL."""
        api = zoho.APIS[self.claim.target.api]
        place = queue.ledger(self.store, self.account.name, api.name).parameters_in
        fits = zoho.target_bytes(api, self.keys, self.claim.deliveries) <= zoho.MAX_TARGET
        if place is ParametersIn.BODY or (not fits and len(self.claim.deliveries) == 1):
            return refused, ParametersIn.UNKNOWN
        if not fits:
            return self._unsent("they are sent again in smaller calls"), ParametersIn.UNSURE
        try:
            call_id = count_call(self.account, self.store, api)
        except ZohoError:
            if self.account.limits[api.name].budget == 1:  # there is never a place for a second call
                return refused, ParametersIn.UNKNOWN
            return self._unsent("it is asked again as soon as the limit has room for it"), ParametersIn.UNKNOWN
        again = self._ask(in_url=True)
        close_call(self.account, self.store, api, call_id, again)
        metrics.count(metrics.CALLS, self.account.name, api.name, again.effect.value)
        if zoho.is_missing(again.code):
            return refused, ParametersIn.UNKNOWN
        return again, ParametersIn.URL if _is_taken(again) else ParametersIn.UNKNOWN

    def _ask(self, *, in_url: bool) -> Response:
        claim, api = self.claim, zoho.APIS[self.claim.target.api]
        try:
            envelope = zoho.send(
                self.account.http,
                api,
                api_url=self.account.zoho.api_url,
                token=self.token.access,
                path_keys={"journey_key": self.keys.journey_key},
                form=api.form(self.keys, claim.deliveries),
                in_url=in_url,
                deadline_seconds=max(0.001, (claim.deadline - self.store.now()) / 1000),
            )
        except NoAnswerError as error:
            return zoho.unanswered(claim.deliveries, sent=error.sent, message=str(error))
        return api.read(envelope, claim.deliveries)

    def _unsent(self, then: str) -> Response:
        message = f"Zoho did not read the parameters in the body; {then}"
        outcome = Outcome(status=OutcomeStatus.UNSENT, result="body_unread", message=message)
        return Response(effect=Effect.NONE, outcomes=(outcome,) * len(self.claim.deliveries), message=message)


def _is_taken(response: Response) -> bool:
    return any(outcome.status in _TAKEN for outcome in response.outcomes)
