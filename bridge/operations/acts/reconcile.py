"""Comparing what was delivered to lists with who is in them, read from Zoho within the ledger.

A reconciliation is a job like others: its items are deliveries, and each is settled as soon as its lead is seen. Zoho
has no look-up by address (https://zoho.com/marketingautomation/help/developers/v1/get-list-leads.html), so a list is
read by pages, the newest leads first, and only until all that was looked for is found. How far each list was read is
stored with the job, so that one that was stopped, or whose calls were used up, goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import zoho
from bridge.delivery.lookups import ask, read_account, stored_snapshot
from bridge.errors import ZohoError
from bridge.model import DeliveryState
from bridge.operations.acts.choose import Choice, subject_of
from bridge.operations.wording import shown_time
from bridge.outbox import acts, operator
from bridge.outbox.operator import Selector

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from bridge.delivery.account import Account
    from bridge.model import Target
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Job
    from bridge.zoho import Member, Snapshot

RESULTS: Final[Mapping[str, str]] = {
    "found": "in the list, as sent",
    "differs": "in the list, with another name or phone than sent",
    "unsubscribed": "unsubscribed in Zoho",
    "bounced": "bounced in Zoho",
    "unconfirmed": "not in the list: it asks people to confirm, and they have not",
    "missing": "not in the list",
    "no_list": "of a list that the account does not have",
    "purged": "purged since",
}
"""What may come of a delivery, and how that is said."""

_STATUS_RESULT: Final = {"unsub": "unsubscribed", "bounce": "bounced"}
_ADDING: Final = ("subscribe", "add_leads")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A lead that should be in a list by these deliveries, with what the last one sent (None once that was purged).

    They are several where one mapping names the list and another one gives its key.
    """

    delivery_ids: tuple[int, ...]
    sent: Mapping[str, Any] | None


def expected(
    store: Outbox,
    *,
    hook: str | None = None,
    list_name: str | None = None,
    since: int,
    accounts: Container[str] | None = None,
) -> Choice:
    """The last delivery of each lead to each list since then (ms UTC), but for those who left afterwards.

    `list_name` is a list's name or key, `accounts` those whose lists are meant, None for all. With `hook` these are the
    leads and lists to which that hook has delivered; what counts is the last delivery all the same, whoever brought it.
    """
    left: dict[tuple[str, str], int] = {}
    for api in ("unsubscribe", "do_not_mail"):
        for one, target in _delivered(store, Selector(api=api, since=since)):
            place = one.lead, target.account
            left[place] = max(left.get(place, 0), one.event_id)
    newest: dict[tuple[str, str, str], int] = {}
    meant: set[tuple[str, str, str]] = set()
    for api in _ADDING:
        for one, target in _delivered(store, Selector(api=api, target=list_name, since=since)):
            if left.get((one.lead, target.account), 0) >= one.event_id:
                continue
            where = one.lead, target.account, target.list_key or target.list_name
            newest[where] = max(newest.get(where, 0), one.delivery_id or 0)
            if (accounts is None or target.account in accounts) and hook in (None, one.hook):
                meant.add(where)
    chosen = subject_of(store, Selector(hook=hook, target=list_name))
    subject = f"{chosen} since {shown_time(since)}".strip()
    return Choice(act="reconcile", subject=subject, ids=tuple(sorted(newest[one] for one in meant)), left_out={})


def _delivered(store: Outbox, selector: Selector) -> Iterator[tuple[operator.Chosen, Target]]:
    for _, found in operator.chosen(store, selector):
        for one in found:
            if one.state is DeliveryState.DELIVERED and one.target is not None:
                yield one, one.target


def compare(store: Outbox, job: Job, account_of: Callable[[str], Account]) -> None:
    """Read the lists of a job's open deliveries until each of them is settled.

    Raises ZohoError when a list cannot be read now, because its calls are used up, say: what was found is settled, and
    the job goes on from there when it is run again. Raises LeadbridgeError for an account that is not in the settings.
    """
    options = dict(job.options)
    failure: ZohoError | None = None
    for (account_name, list_key, is_public), open_ones in _by_list(store, job, account_of).items():
        absent = "unconfirmed" if is_public else "missing"
        try:
            for status in zoho.STATUSES:
                if open_ones:
                    _look_for(open_ones, account_of(account_name), store, job, options, list_key, status)
        except _NoListError:
            absent = "no_list"
        except ZohoError as error:
            failure = error  # of this list; others may be read
            continue
        acts.settle_items(store, job.job_id, {each: absent for one in open_ones.values() for each in one.delivery_ids})
    if failure is not None:
        raise failure


def _look_for(
    open_ones: dict[str, Expected],
    account: Account,
    store: Outbox,
    job: Job,
    options: dict[str, Any],
    list_key: str,
    status: str,
) -> None:
    """Settle those of a list's deliveries whose leads have this status there, from where the list was read last."""
    place = f"{account.name}/{list_key}/{status}"
    for start, members in _pages(account, store, list_key, status, options.get(place, 1)):
        acts.settle_items(store, job.job_id, _settled(open_ones, members, status))
        options[place] = start + len(members)
        acts.note_options(store, job.job_id, options)
        if not open_ones:
            break


class _NoListError(Exception):
    """Zoho does not have the list."""


def _pages(
    account: Account, store: Outbox, list_key: str, status: str, start: int
) -> Iterator[tuple[int, tuple[Member, ...]]]:
    """The pages of a list from a lead's number on, each with that of its first lead.

    An account that ignores the number gives the same page again: it is the last one. Raises ZohoError, and
    `_NoListError` where the list is gone.
    """
    former: set[str] = set()
    while True:
        form = zoho.members_form(list_key, status, start=start)
        envelope = ask(account, store, zoho.APIS["leads"], form)
        if zoho.is_list_gone(envelope.code):
            raise _NoListError
        members = zoho.read_members(envelope)
        if all(one.lead in former for one in members):
            return
        yield start, members
        if len(members) < zoho.MEMBERS_A_PAGE:
            return
        former = {one.lead for one in members}
        start += len(members)


def _settled(open_ones: dict[str, Expected], members: tuple[Member, ...], status: str) -> dict[int, str]:
    """The results of those on a page that were looked for; they are taken out of `open_ones`."""
    results: dict[int, str] = {}
    for member in members:
        one = open_ones.pop(member.lead, None)
        if one is not None:
            result = _STATUS_RESULT.get(status) or ("differs" if _differs(one, member) else "found")
            results |= dict.fromkeys(one.delivery_ids, result)
    return results


def _differs(one: Expected, member: Member) -> bool:
    """Whether Zoho holds another value than was sent; a field that was not sent, or not answered, is not compared."""
    return any(
        _plain(label, sent) != _plain(label, held)
        for label, held in member.fields.items()
        if held and (sent := str((one.sent or {}).get(label) or ""))
    )


def _plain(label: str, value: str) -> str:
    if label == "Phone":
        return "".join(character for character in value if character.isdigit()).lstrip("0")
    return " ".join(value.split()).casefold()


def _by_list(
    store: Outbox, job: Job, account_of: Callable[[str], Account]
) -> dict[tuple[str, str, bool], dict[str, Expected]]:
    """The open deliveries of a job by account, list key and whether the list asks to confirm, and then by lead."""
    snapshots: dict[str, Snapshot] = {}
    found: dict[tuple[str, str, bool], dict[str, Expected]] = {}
    nowhere: dict[int, str] = {}
    for delivery_id in [one.item_id for one in acts.every_item(store, job.job_id) if not one.result]:
        nowhere[delivery_id] = "purged"
        for event in operator.find_events(store, delivery_id=delivery_id):
            (delivery,) = [one for one in event.deliveries if one.delivery_id == delivery_id]
            account = delivery.target.account
            if account not in snapshots:
                reached = account_of(account)
                snapshots[account] = stored_snapshot(reached, store) or read_account(reached, store)
            where = _list_of(snapshots[account], delivery.target)
            if where is None:
                nowhere[delivery_id] = "no_list"
                continue
            del nowhere[delivery_id]
            leads = found.setdefault((account, *where), {})
            before = leads[delivery.lead].delivery_ids if delivery.lead in leads else ()
            sent = orjson.loads(delivery.body) if delivery.body else None
            leads[delivery.lead] = Expected(
                delivery_ids=(*before, delivery_id), sent=sent if isinstance(sent, dict) else None
            )
    acts.settle_items(store, job.job_id, nowhere)
    return found


def _list_of(snapshot: Snapshot, target: Target) -> tuple[str, bool] | None:
    keys = zoho.resolve(snapshot, target, frozenset({"list"}))
    if isinstance(keys, zoho.Unresolved):
        return None
    return keys.list_key, any(one.key == keys.list_key and one.is_public for one in snapshot.lists)
