from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model import ClaimedDelivery, Effect, OnDoubt, OutcomeStatus, Priority
from bridge.zoho.answers import Envelope, read_envelope
from bridge.zoho.apis import APIS
from bridge.zoho.code_meaning import Judgement
from bridge.zoho.codes import CODES, code_of
from bridge.zoho.outcome import judge, read_subscribe, read_trigger, sentence, unanswered
from bridge.zoho.overrides import OVERRIDES

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeDelivery = Callable[..., ClaimedDelivery]


def _envelope(http_status: int = 200, **members: Any) -> Envelope:
    return read_envelope(http_status, json.dumps(members).encode())


def _refusal(code: str | int, message: str = "Zoho's words", http_status: int = 200) -> Envelope:
    return _envelope(http_status, code=code, status="error", message=message)


EXPECTED: dict[Judgement, tuple[Effect, OutcomeStatus, Effect, OutcomeStatus]] = {
    # effect and diagnosis for a lone lead, then for the first of two
    Judgement.LEAD: (Effect.NONE, OutcomeStatus.REFUSED, Effect.SPLIT, OutcomeStatus.UNSENT),
    Judgement.AWAIT: (Effect.NONE, OutcomeStatus.IGNORED, Effect.SPLIT, OutcomeStatus.UNSENT),
    Judgement.ONCE: (Effect.NONE, OutcomeStatus.RETRY, Effect.SPLIT, OutcomeStatus.UNSENT),
    Judgement.RETRY: (Effect.NONE, OutcomeStatus.RETRY, Effect.NONE, OutcomeStatus.RETRY),
    Judgement.DONE: (Effect.NONE, OutcomeStatus.DELIVERED, Effect.NONE, OutcomeStatus.DELIVERED),
    Judgement.LANE: (Effect.HOLD, OutcomeStatus.UNSENT, Effect.HOLD, OutcomeStatus.UNSENT),
    Judgement.LOCK: (Effect.LOCK, OutcomeStatus.UNSENT, Effect.LOCK, OutcomeStatus.UNSENT),
    Judgement.TOKEN: (Effect.TOKEN, OutcomeStatus.UNSENT, Effect.TOKEN, OutcomeStatus.UNSENT),
    Judgement.OUTAGE: (Effect.OUTAGE, OutcomeStatus.UNSENT, Effect.OUTAGE, OutcomeStatus.UNSENT),
    # an error whose code says success
    Judgement.SUCCESS: (Effect.NONE, OutcomeStatus.RETRY, Effect.SPLIT, OutcomeStatus.UNSENT),
}


@pytest.mark.parametrize("code", list(CODES))
@pytest.mark.parametrize("api", ["subscribe", "trigger"])
def test_every_code_does_what_its_row_says(api: str, code: str, delivery: MakeDelivery) -> None:
    row = code_of(api, code)
    assert row is not None
    alone = APIS[api].read(_refusal(code), [delivery(1)])
    among = APIS[api].read(_refusal(code), [delivery(1), delivery(2)])
    assert (alone.effect, alone.outcomes[0].status, among.effect, among.outcomes[0].status) == EXPECTED[row.judgement]
    assert (alone.code, alone.outcomes[0].code) == (code, code)
    assert "Zoho's words" in alone.message


@pytest.mark.parametrize(("api", "code"), list(OVERRIDES))
def test_a_row_for_one_api_goes_before_the_general_one(api: str, code: str) -> None:
    assert judge(api, _refusal(code)) is OVERRIDES[api, code].judgement


@pytest.mark.parametrize(
    ("api", "code", "judgement"),
    [
        ("subscribe", "2501", Judgement.LANE),
        ("subscribe", "2004", Judgement.LEAD),
        ("subscribe", "2005", Judgement.LEAD),
        ("subscribe", "2006", Judgement.LEAD),
        ("subscribe", "2001", Judgement.ONCE),
        ("subscribe", "2003", Judgement.DONE),
        ("subscribe", "2008", Judgement.LOCK),
        ("subscribe", "980", Judgement.LANE),
        ("subscribe", "2302", Judgement.LANE),
        ("subscribe", "invalid_oauthscope", Judgement.LANE),
        ("trigger", "9002", Judgement.LANE),
        ("trigger", "9004", Judgement.LEAD),
        ("trigger", "9006", Judgement.LANE),
        ("trigger", "9007", Judgement.LANE),
        ("trigger", "400", Judgement.LANE),
        ("trigger", "1007", Judgement.TOKEN),
        ("lists", "2401", Judgement.EMPTY),
        ("journeys", "9001", Judgement.EMPTY),
        ("subscribe", "77777", Judgement.UNKNOWN),
    ],
)
def test_the_codes_that_matter_most(api: str, code: str, judgement: Judgement) -> None:
    assert judge(api, _refusal(code)) is judgement


def test_every_row_names_its_source_and_its_meaning() -> None:
    rows = [*CODES.values(), *OVERRIDES.values()]
    assert all(row.url.startswith("https://") and row.description for row in rows)


def test_a_number_for_a_code_is_a_code() -> None:
    assert judge("subscribe", _refusal(2004)) is Judgement.LEAD


@pytest.mark.parametrize(
    "envelope",
    [
        _refusal("9999", http_status=429),
        read_envelope(429, b"<html>slow down</html>"),
        _envelope(400, error={"title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED", "message": "wait 10 minutes"}),
        _envelope(200, error={"title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED"}),
        _envelope(400, code="INTERNAL_ERROR", message="URL_FIXED_THROTTLES_LIMIT_EXCEEDED"),
        _envelope(400, code="REQUEST_LIMIT_EXCEEDED", message="x"),
        _refusal("2008"),
        _refusal("", "API call Limit Exceeded"),
        _refusal("400", "Too many requests"),
        read_envelope(200, b"<response><status>error</status><code>2008</code></response>"),
    ],
)
def test_every_form_of_a_lock_is_a_lock(envelope: Envelope) -> None:
    assert judge("trigger", envelope) is Judgement.LOCK


@pytest.mark.parametrize("http_status", [200, 401])
@pytest.mark.parametrize(
    ("members", "judgement"),
    [
        ({"code": "AUTHENTICATION_FAILURE"}, Judgement.TOKEN),
        ({"code": "INVALID_TOKEN", "message": "invalid oauth token", "status": "error"}, Judgement.TOKEN),
        ({"code": "INVALID_OAUTHTOKEN"}, Judgement.TOKEN),
        ({"code": "Invalid_OAuth_Token"}, Judgement.TOKEN),
        ({"code": "EXPIRED_TOKEN"}, Judgement.TOKEN),
        ({"error": "INVALID_TICKET"}, Judgement.TOKEN),
        ({"error": {"code": 401, "message": "INVALID_OAUTHTOKEN"}}, Judgement.TOKEN),
        ({"response": {"code": "INVALID_TOKEN", "message": "invalid oauth token"}}, Judgement.TOKEN),
        ({"errorCode": "INVALID_OAUTH", "message": "The token is not valid."}, Judgement.TOKEN),
        ({"code": "NOT_AUTHENTICATED"}, Judgement.TOKEN),
        ({"code": "AUTH_FAILED"}, Judgement.TOKEN),
        ({"code": "SESSION_EXPIRED"}, Judgement.TOKEN),
        ({"code": "Unauthenticated"}, Judgement.TOKEN),
        ({"status": "INVALID_TOKEN"}, Judgement.TOKEN),
        ({"error_code": "INVALID_TOKEN"}, Judgement.TOKEN),
        ({"code": "0", "status": "error", "message": "INVALID_OAUTHTOKEN"}, Judgement.TOKEN),
        ({"code": "2001", "message": "AUTHENTICATION_FAILURE"}, Judgement.TOKEN),
        ({"code": 57, "message": "Invalid OAuth token."}, Judgement.TOKEN),
        ({"status": "error", "message": "Invalid access token"}, Judgement.TOKEN),
        ({"error": "the access token has expired"}, Judgement.TOKEN),
        ({"response": {"error": {"code": "4834", "message": "Invalid Ticket Id"}}}, Judgement.TOKEN),
        ({"status": {"code": 401, "description": "Unauthorized"}}, Judgement.TOKEN),
        ({"data": [{"code": "INVALID_TOKEN", "status": "error", "details": {}}]}, Judgement.TOKEN),
        ({"errors": [{"code": "INVALID_TOKEN"}]}, Judgement.TOKEN),
        ({"response": {"errors": {"code": "INVALID_TOKEN"}}}, Judgement.TOKEN),
        ({"code": "AUTHORIZATION_ERROR"}, Judgement.LANE),
        ({"code": "LICENSE_LIMIT_EXCEEDED"}, Judgement.LANE),
        ({"status": "error", "message": "OAuth scope mismatch"}, Judgement.LANE),
        ({"code": 57, "message": "You are not authorized to perform this operation"}, Judgement.LANE),
        ({"code": "RATE_LIMIT_REACHED"}, Judgement.LOCK),
        ({"code": "OAUTH_SCOPE_MISMATCH"}, Judgement.LANE),
        ({"error": {"code": 401, "message": "INVALID_OAUTHSCOPE"}}, Judgement.LANE),
        ({"code": "NO_PERMISSION"}, Judgement.LANE),
        ({"code": "RATE_LIMIT_EXCEEDED"}, Judgement.LOCK),
        ({"code": "TOO_MANY_REQUESTS"}, Judgement.LOCK),
    ],
)
def test_a_word_is_judged_as_its_number_is_whatever_the_status(
    http_status: int, members: dict[str, Any], judgement: Judgement
) -> None:
    assert judge("trigger", _envelope(http_status, **members)) is judgement


@pytest.mark.parametrize("code", ["0", "200", 0])
@pytest.mark.parametrize("message", ["", "SUCCESS", "LEADS_ADDED", "Invalid token removed", "no permission asked for"])
@pytest.mark.parametrize("status", ["success", "Success", "SUCCESS"])
def test_a_success_is_one_whatever_it_says_of_itself(status: str, message: str, code: str | int) -> None:
    envelope = _envelope(code=code, message=message, status=status)
    assert {judge(api, envelope) for api in ("subscribe", "trigger", "unsubscribe")} == {Judgement.SUCCESS}


@pytest.mark.parametrize("code", ["NOT_IN_ANY_TABLE", "Something_Else", "whatever"])
def test_a_word_that_is_not_known_is_halved_and_reported(code: str, delivery: MakeDelivery) -> None:
    among = read_trigger(_envelope(code=code), [delivery(1), delivery(2)])
    assert (among.effect, among.code) == (Effect.SPLIT, code)
    assert code in among.message
    assert read_trigger(_envelope(code=code), [delivery(1)]).outcomes[0].status is OutcomeStatus.RETRY


@pytest.mark.parametrize("code", ["ada@example.com", "1000.secret/token", "x" * 65, "\u001b[2J", "Grüße"])
def test_a_code_that_could_be_anything_is_not_repeated(code: str) -> None:
    assert _envelope(code=code).code == "other"


def test_a_known_code_is_not_taken_for_a_lock_by_its_words() -> None:
    assert judge("trigger", _refusal("9004", "Number of emails exceeded; limit exceeded")) is Judgement.LEAD


@pytest.mark.parametrize(
    ("envelope", "judgement"),
    [
        (_refusal("", http_status=401), Judgement.TOKEN),
        (read_envelope(401, b"<html></html>"), Judgement.TOKEN),
        (_refusal("2004", http_status=401), Judgement.TOKEN),
        (_refusal("", "Unauthorized request."), Judgement.TOKEN),
        (_refusal("INVALID_OAUTHSCOPE", http_status=401), Judgement.LANE),
        (_envelope(403, Code="INVALID_OAUTHSCOPE"), Judgement.LANE),
        (_refusal("906", http_status=401), Judgement.LANE),
        (_refusal("", http_status=403), Judgement.LANE),
        (_refusal("", http_status=404), Judgement.LANE),
        (_refusal("", http_status=503), Judgement.OUTAGE),
        (_refusal("500"), Judgement.OUTAGE),
        (read_envelope(200, b"<html><body>maintenance</body></html>"), Judgement.OUTAGE),
        (read_envelope(200, b""), Judgement.OUTAGE),
        (read_envelope(302, b""), Judgement.OUTAGE),
        (_refusal("", http_status=400), Judgement.UNKNOWN),
        (_envelope(200, status="success", code="7"), Judgement.UNKNOWN),
        (_envelope(200, status="error", code="0"), Judgement.UNKNOWN),
    ],
)
def test_where_the_code_says_nothing_the_http_status_and_the_form_decide(
    envelope: Envelope, judgement: Judgement
) -> None:
    assert judge("subscribe", envelope) is judgement


def test_a_missing_scope_reports_what_to_do_and_never_asks_for_a_new_token(delivery: MakeDelivery) -> None:
    response = read_subscribe(_refusal("INVALID_OAUTHSCOPE", http_status=401), [delivery()])
    assert response.effect is Effect.HOLD
    assert "authorise again with lead.ALL" in response.message


@pytest.mark.parametrize(
    ("message", "result"),
    [
        ("A confirmation email is sent to the user. User needs to confirm to subscribe.", "confirmation_sent"),
        ("This email address already exists in the list.", "already_in_list"),
        ("User subscribed successfully.", "subscribed"),
        ("", "subscribed"),
    ],
)
def test_a_subscribe_reports_its_result_by_the_message(message: str, result: str, delivery: MakeDelivery) -> None:
    response = read_subscribe(_envelope(status="success", code="0", message=message), [delivery()])
    assert (response.effect, response.outcomes[0].status) == (Effect.NONE, OutcomeStatus.DELIVERED)
    assert (response.outcomes[0].result, response.outcomes[0].message) == (result, message)


def test_a_json_refusal_is_tried_once_more_and_then_refused(delivery: MakeDelivery) -> None:
    first = read_subscribe(_refusal("2001"), [delivery(attempts=0)])
    second = read_subscribe(_refusal("2001"), [delivery(attempts=1)])
    assert (first.outcomes[0].status, second.outcomes[0].status) == (OutcomeStatus.RETRY, OutcomeStatus.REFUSED)


def test_a_trigger_reports_each_lead_its_own_result(delivery: MakeDelivery) -> None:
    envelope = _envelope(
        code="200",
        status="success",
        triggered_leads=["ADA@Example.com"],
        already_triggered=["blaise@example.com"],
        ignored_leads=["charles@bücher.example"],
    )
    leads = ["ada@example.com", "blaise@example.com", "charles@xn--bcher-kva.example", "emmy@example.com"]
    response = read_trigger(envelope, [delivery(number, lead=lead) for number, lead in enumerate(leads)])
    assert [(outcome.status, outcome.result) for outcome in response.outcomes] == [
        (OutcomeStatus.DELIVERED, "triggered"),
        (OutcomeStatus.DELIVERED, "already_triggered"),
        (OutcomeStatus.IGNORED, "ignored"),
        (OutcomeStatus.RETRY, "unknown"),
    ]


def test_a_trigger_answer_with_texts_for_lists_is_read(delivery: MakeDelivery) -> None:
    envelope = _envelope(
        code=200, status="success", triggered_leads="a@example.com, ada@example.com", ignored_leads=None
    )
    assert read_trigger(envelope, [delivery()]).outcomes[0].result == "triggered"


def test_a_call_without_an_answer_is_in_doubt_only_if_it_was_sent(delivery: MakeDelivery) -> None:
    sent = unanswered([delivery()], sent=True, message="no answer")
    unsent = unanswered([delivery()], sent=False, message="refused")
    assert (sent.effect, sent.outcomes[0].status) == (Effect.OUTAGE, OutcomeStatus.DOUBT)
    assert (unsent.effect, unsent.outcomes[0].status) == (Effect.OUTAGE, OutcomeStatus.UNSENT)


def test_no_message_of_zohos_names_a_lead_or_a_token(delivery: MakeDelivery) -> None:
    words = "The lead <ada@example.com> is not welcome with 1000.0123456789abcdef.fedcba9876543210"
    response = read_subscribe(_refusal("2006", words), [delivery()])
    held = read_subscribe(_refusal("2501", words), [delivery()])
    assert response.message == "The lead <(address)> is not welcome with (token)"
    for message in (held.message, response.outcomes[0].message, sentence("lists", _refusal("1007", words))):
        assert "ada" not in message
        assert "0123" not in message


def test_the_wait_that_zoho_asks_for_is_handed_on(delivery: MakeDelivery) -> None:
    response = read_subscribe(_refusal("2008", "try after 45 minutes"), [delivery()])
    assert response.retry_after_ms == 2_700_000


_MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from([*CODES, "x", ""]) | st.integers(),
        "status": st.sampled_from(["success", "error", "failure", ""]),
        "message": st.text(max_size=20) | st.sampled_from(["limit exceeded", "Unauthorized request."]),
        "triggered_leads": st.lists(st.sampled_from(["a@example.com", "b@example.com"])) | st.none(),
        "ignored_leads": st.lists(st.sampled_from(["a@example.com", "b@example.com"])) | st.integers(),
    },
)


@given(
    api=st.sampled_from(["subscribe", "trigger"]),
    http_status=st.sampled_from([200, 302, 400, 401, 403, 404, 429, 500, 503]),
    members=_MEMBERS,
    size=st.integers(1, 5),
)
def test_every_lead_gets_one_outcome_and_none_is_delivered_without_a_word_of_zoho(
    api: str, http_status: int, members: dict[str, Any], size: int
) -> None:
    envelope = _envelope(http_status, **members)
    deliveries = [_plain(number) for number in range(size)]
    response = APIS[api].read(envelope, deliveries)
    assert len(response.outcomes) == size
    assert (response.effect is Effect.SPLIT) <= (size > 1)
    if any(outcome.status is OutcomeStatus.DELIVERED for outcome in response.outcomes):
        assert envelope.succeeded or envelope.code == "2003"


def _plain(number: int) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=number,
        event_id=number,
        lead="ab"[number % 2] + "@example.com",
        body=b"{}",
        priority=Priority.LIVE,
        on_doubt=OnDoubt.RESEND,
        attempts=0,
        ignored_count=0,
        cohort=None,
        received_at=0,
        first_try_at=0,
    )


@pytest.mark.parametrize(
    ("api", "code", "status", "message", "expected"),
    [
        ("unsubscribe", "0", "success", "User successfully unsubscribed.", (OutcomeStatus.DELIVERED, "unsubscribed")),
        ("unsubscribe", "993", "error", "", (OutcomeStatus.DELIVERED, "not_in_list")),
        ("unsubscribe", "2101", "error", "", (OutcomeStatus.RETRY, "failed")),
        ("unsubscribe", "2004", "error", "", (OutcomeStatus.REFUSED, "refused")),
        ("unsubscribe", "2501", "error", "", (OutcomeStatus.UNSENT, "held")),
        ("do_not_mail", "0", "success", "Moved.", (OutcomeStatus.DELIVERED, "do_not_mail")),
        ("do_not_mail", "0", "success", "It is there already.", (OutcomeStatus.DELIVERED, "already_do_not_mail")),
        ("do_not_mail", "0", "error", "", (OutcomeStatus.DELIVERED, "already_do_not_mail")),
        ("do_not_mail", "2104", "error", "", (OutcomeStatus.RETRY, "failed")),
        ("tag", "0", "success", "", (OutcomeStatus.DELIVERED, "tagged")),
        ("tag", "993", "failure", "", (OutcomeStatus.IGNORED, "not_found")),
        ("tag", "6613", "failure", "", (OutcomeStatus.UNSENT, "held")),
        ("tag", "6615", "failure", "", (OutcomeStatus.RETRY, "failed")),
        ("untag", "0", "success", "", (OutcomeStatus.DELIVERED, "untagged")),
        ("untag", "993", "failure", "", (OutcomeStatus.DELIVERED, "not_tagged")),
        ("untag", "6613", "failure", "", (OutcomeStatus.DELIVERED, "not_tagged")),
        ("untag", "6615", "failure", "", (OutcomeStatus.RETRY, "failed")),
    ],
)
def test_what_comes_of_leaving_and_of_tags(
    api: str, code: str, status: str, message: str, expected: tuple[OutcomeStatus, str], delivery: MakeDelivery
) -> None:
    (outcome,) = APIS[api].read(_envelope(code=code, status=status, message=message), [delivery(1)]).outcomes
    assert (outcome.status, outcome.result) == expected
