"""A key never costs a person, over real HTTP: what senders send twice, in parts, edited or for several people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import NewService, Service

LEAD = """verify: none
lead:
  Lead Email: {from: contact.email}
  First Name: {from: contact.first_name}
  Company Name: {first_of: [{from: body."4"}, {from: body.company}, {from: body.data.company}]}
"""
LISTED = LEAD + "actions:\n  - subscribe: {list: Newsletter}\n"
BY_QUERY = LEAD + "consent: {not_asked: a test}\nactions:\n  - subscribe: {list: {query: list}}\n"
BY_HEADER = LEAD + "consent: {not_asked: a test}\nactions:\n  - subscribe: {list: {header: X-List}}\n"
HOOKS = {
    "shopify": "preset: shopify\nconsent: {from: body.buyer_accepts_marketing, agreed: true}\n" + LISTED,
    "gravity": 'preset: gravity-forms\nconsent: {answer: "7.1", agreed: true}\n' + LISTED,
    "wpforms": "preset: wpforms\nconsent: {not_asked: a test}\n" + LISTED,
    "fluent": "preset: fluent-forms\nconsent: {not_asked: a test}\n" + LISTED,
    "formstack": "preset: formstack\nconsent: {not_asked: a test}\n" + LISTED,
    "wix": "preset: wix\nconsent: {not_asked: a test}\n" + LISTED,
    "mailchimp": "preset: mailchimp\nconsent: {not_asked: a test}\n" + LISTED,
    "meta": "preset: meta-lead-ads\nfetch: {token: META_TOKEN}\nconsent: {not_asked: a test}\n" + LISTED,
    "query": "preset: form\n" + BY_QUERY,
    "header": "preset: form\n" + BY_HEADER,
}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def service(new_service: NewService) -> Service:
    service = new_service(META_TOKEN="page")
    service.write(**HOOKS)
    service.start("receive")
    return service


def post(
    service: Service, hook: str, body: Any, headers: dict[str, str] | None = None, query: str = ""
) -> dict[str, Any]:
    """The answer about the one event of a request; a text goes as a form."""
    content = {"Content-Type": FORM} if isinstance(body, str) else {}
    answer = service.post(
        hook + query, body.encode() if isinstance(body, str) else body, {**content, **(headers or {})}
    )
    assert answer.status == 202, answer.body
    (event,) = orjson.loads(answer.body)["events"]
    found: dict[str, Any] = event
    return found


def said(event: dict[str, Any]) -> tuple[str, bool, bool]:
    return event["state"], event.get("duplicate", False), event.get("update", False)


NEW, UPDATE, DUPLICATE = ("accepted", False, False), ("accepted", False, True), ("accepted", True, False)
ADA = "ada@example.com"


def test_an_order_with_consent_counts_though_the_same_action_made_a_customer_without(service: Service) -> None:
    def headers(topic: str, delivery: str) -> dict[str, str]:
        return {"X-Shopify-Topic": topic, "X-Shopify-Event-Id": "e1", "X-Shopify-Webhook-Id": delivery}

    order = {"id": 2, "email": ADA, "buyer_accepts_marketing": True}
    assert post(service, "shopify", {"id": 1, "email": ADA}, headers("customers/create", "w1"))["state"] == "ignored"
    assert said(post(service, "shopify", order, headers("orders/create", "w2"))) == NEW
    assert said(post(service, "shopify", order, headers("orders/create", "w2"))) == DUPLICATE


def test_two_customers_updated_by_one_action_are_two_people(service: Service) -> None:
    headers = {"X-Shopify-Topic": "customers/update", "X-Shopify-Event-Id": "e2"}
    people = [{"id": n, "email": f"p{n}@example.com", "buyer_accepts_marketing": True} for n in (7, 8)]
    assert [said(post(service, "shopify", one, headers)) for one in (*people, *people)] == [
        NEW,
        NEW,
        DUPLICATE,
        DUPLICATE,
    ]


@pytest.mark.parametrize("mark", [{"partial_entry_percent": "40"}, {"status": "spam"}])
def test_an_unfinished_or_spam_entry_gives_way_to_the_real_one(service: Service, mark: dict[str, str]) -> None:
    entry = {"id": f"8{len(str(mark))}", "form_id": "5", "2": ADA}
    assert post(service, "gravity", entry | mark)["state"] == "ignored"
    assert said(post(service, "gravity", entry | {"7.1": "1"})) == UPDATE
    assert said(post(service, "gravity", entry | {"7.1": "1"})) == DUPLICATE
    assert said(post(service, "gravity", entry | mark)) == ("ignored", True, False)


def test_a_corrected_entry_is_an_update_once_and_a_late_older_state_no_repeat(service: Service) -> None:
    entry = {
        "id": "900",
        "form_id": "5",
        "2": ADA,
        "7.1": "1",
        "4": "Analitical",
        "date_created": "2026-03-04 15:00:00",
    }
    later = entry | {"4": "Analytical Engines", "date_updated": "2026-03-04 16:00:00"}
    older = entry | {"4": "Analytic", "date_updated": "2026-03-04 15:30:00"}
    assert [said(post(service, "gravity", one)) for one in (entry, later, later)] == [NEW, UPDATE, DUPLICATE]
    assert [said(post(service, "gravity", one)) for one in (older, older, later)] == [UPDATE, DUPLICATE, DUPLICATE]


@pytest.mark.parametrize(
    ("hook", "body"),
    [
        ("fluent", {"email": ADA, "company": "A", "__submission": {"id": 1, "form_id": 2}}),
        ("formstack", {"FormID": "1", "UniqueID": "2", "email": ADA, "company": "A"}),
    ],
)
def test_an_edited_answer_is_sent(service: Service, hook: str, body: dict[str, Any]) -> None:
    edited = orjson.loads(orjson.dumps(body).replace(b'"A"', b'"Analytical Engines"'))
    assert [said(post(service, hook, one)) for one in (body, edited, edited)] == [NEW, UPDATE, DUPLICATE]


def test_an_edited_answer_is_sent_also_where_the_answer_to_the_sender_is_fixed(service: Service) -> None:
    for company in ("A", "Analytical Engines", "Analytical Engines"):
        body = {"data": {"submissionId": "s1", "contact": {"email": "wix@example.com"}, "company": company}}
        assert service.post("wix", body).status == 200
    sent = [one.body or b"" for story in service.stories(lead="wix@example.com") for one in story.deliveries]
    assert [orjson.loads(body)["Company Name"] for body in sent] == ["A", "Analytical Engines"]


def test_the_same_entry_number_of_another_form_is_another_person(service: Service) -> None:
    ada, grace = ({"entry_id": "42", "form_id": form, "email": f"f{form}@example.com"} for form in ("7", "9"))
    assert [said(post(service, "wpforms", one)) for one in (ada, grace, ada, grace)] == [NEW, NEW, DUPLICATE, DUPLICATE]


def test_the_same_entry_number_of_another_site_is_another_person(service: Service) -> None:
    one, other = ({"entry_id": "50", "form_id": "7", "email": f"site{n}@example.com"} for n in (1, 2))
    assert [said(post(service, "wpforms", body)) for body in (one, other, one, other)] == [
        NEW,
        UPDATE,
        DUPLICATE,
        DUPLICATE,
    ]


def test_two_changes_in_one_second_are_two(service: Service) -> None:
    def profile(name: str) -> str:
        data = {"data[id]": "1", "data[list_id]": "2", "data[email]": ADA, "data[merges][FNAME]": name}
        return urlencode({"type": "profile", "fired_at": "2026-03-04 15:00:00", **data})

    assert [said(post(service, "mailchimp", profile(name))) for name in ("Adda", "Ada", "Ada")] == [
        NEW,
        UPDATE,
        DUPLICATE,
    ]


def test_two_lists_by_query_are_two_lists(service: Service) -> None:
    body = "email=ada%40example.com&newsletter=on"
    sent = [
        post(service, "query", body, query=f"?list={name}")
        for name in ("Newsletter", "Webinar", "Webinar", "Newsletter")
    ]
    assert [said(one) for one in sent] == [NEW, NEW, DUPLICATE, DUPLICATE]


def test_two_lists_by_header_are_two_lists(service: Service) -> None:
    sent = [
        post(service, "header", "email=ada%40example.com", {"X-List": name})
        for name in ("Newsletter", "Webinar", "Webinar")
    ]
    assert [said(one) for one in sent] == [NEW, NEW, DUPLICATE]


def test_a_person_whose_event_was_ignored_is_found_by_address(service: Service) -> None:
    entry = {"id": "950", "form_id": "5", "2": "lost@example.com"}
    post(service, "gravity", {"id": "950", "form_id": "5", "2": ADA, "7.1": "1"})
    assert post(service, "gravity", entry)["state"] == "ignored"
    assert [one.state.name for one in service.stories(lead="lost@example.com")] == ["IGNORED"]


def test_an_id_that_comes_again_is_fetched_again_only_with_something_new(service: Service) -> None:
    def lead(created: int) -> dict[str, Any]:
        change = {"field": "leadgen", "value": {"leadgen_id": "7", "form_id": "9", "created_time": created}}
        return {"object": "page", "entry": [{"id": "1", "time": created, "changes": [change]}]}

    sent = [post(service, "meta", lead(created)) for created in (1_772_636_400, 1_772_636_400, 1_772_636_500)]
    assert [said(one)[1:] for one in sent] == [(False, False), (True, False), (False, True)]
