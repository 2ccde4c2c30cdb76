"""Calls to Zoho that carry no lead of a delivery: they read the account, or create what is missing in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge import log, zoho
from bridge.delivery.account import CALL_MS, close_call, count_call
from bridge.delivery.token import access_token, refuse_token
from bridge.errors import NoAnswerError, ZohoError
from bridge.model import Effect
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.delivery.account import Account
    from bridge.outbox import Outbox
    from bridge.zoho import Envelope, Snapshot


def read_account(account: Account, store: Outbox) -> Snapshot:
    """Read the account's lists, journeys and fields from Zoho and store them in the outbox. Raises ZohoError."""
    snapshot = zoho.take(lambda name, form: ask(account, store, zoho.APIS[name], form), store.now())
    registry.store_snapshot(store, account.name, snapshot.to_json())
    log.get_logger().info(
        "account.read",
        account=account.name,
        lists=len(snapshot.lists),
        journeys=len(snapshot.journeys),
        fields=len(snapshot.fields),
    )
    return snapshot


def create_tag(account: Account, store: Outbox, tag: str) -> None:
    """Create a tag in the account; one that exists is as good. Raises ZohoError when Zoho does not create it."""
    envelope = ask(account, store, zoho.APIS["add_tag"], zoho.add_tag_form(tag))
    if zoho.judge("add_tag", envelope) not in (zoho.Judgement.SUCCESS, zoho.Judgement.DONE):
        raise ZohoError(f"the tag {tag!r} cannot be created: {zoho.sentence('add_tag', envelope)}")
    log.get_logger().info("tag.created", account=account.name, tag=tag)


def ask(
    account: Account,
    store: Outbox,
    api: zoho.Api,
    form: Mapping[str, str],
    *,
    path_keys: Mapping[str, str] | None = None,
    in_url: bool = False,
    wrong_token: str = "",
) -> Envelope:
    """One call that carries no lead of a delivery; it is counted, and closed whatever comes of it.

    `wrong_token` is sent in the place of the account's, to see what comes of it; the account's stays in use. Raises
    ZohoError when the call cannot be made or gets no answer.
    """
    token = None if wrong_token else access_token(account, store)
    call_id = count_call(account, store, api)
    try:
        envelope = zoho.send(
            account.http,
            api,
            api_url=account.zoho.api_url,
            token=token.access if token else wrong_token,
            form=form,
            path_keys=path_keys,
            in_url=in_url,
            deadline_seconds=CALL_MS / 1000,
        )
    except NoAnswerError as error:
        close_call(account, store, api, call_id, zoho.unanswered((), sent=error.sent, message=str(error)))
        raise
    response = api.read(envelope, ())
    if response.effect is Effect.TOKEN and token:
        refuse_token(account, store, token)
    close_call(account, store, api, call_id, response)
    return envelope


def stored_snapshot(account: Account, store: Outbox) -> Snapshot | None:
    """The snapshot stored in the outbox, by whichever process took it."""
    content = registry.snapshot(store, account.name)
    return zoho.Snapshot.from_json(content) if content is not None else None
