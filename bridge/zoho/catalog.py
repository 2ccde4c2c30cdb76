"""What we know of an account: its lists, its open journeys, its lead fields and its tags, read page by page.

Pages: https://zoho.com/marketinghub/help/developers/get-mailing-lists.html (lists),
https://zoho.com/marketingautomation/help/developers/v1/get-open-journeys.html (journeys),
https://zoho.com/marketinghub/help/developers/get-all-leads-fields.html (fields),
https://zoho.com/campaigns/help/developers/tag-management/get-all-tags.html (tags; the sibling product's page).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from bridge.errors import AccountError, ZohoError
from bridge.zoho.code_meaning import Judgement
from bridge.zoho.outcome import judge, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bridge.zoho.answers import Envelope

PAGE_SIZE = 100
"""Public clients read 100 to 1000 lists a page; what Zoho allows is not documented."""

MAX_PAGES = 50
MAX_DIGITS = 9
"""A longer number of characters limits nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingList:
    """A list. A public one (with a sign-up form) sends a confirmation first; None where Zoho does not say.

    https://zoho.com/campaigns/help/developers/contact-subscribe.html (the sibling product's page)
    """

    key: str
    name: str
    is_public: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A journey that takes leads from outside, with the key of its trigger."""

    key: str
    name: str
    trigger_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An account's names and keys as they were at `taken_at`.

    `fields` are the labels that `leadinfo` may use, `lengths` the most characters of those for which Zoho gives it.
    `tags` are the tags' names, None where the account does not say which it has.
    """

    taken_at: int
    lists: tuple[MailingList, ...] = ()
    journeys: tuple[Journey, ...] = ()
    fields: tuple[str, ...] = ()
    lengths: Mapping[str, int] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None

    def to_json(self) -> bytes:
        """The snapshot as indented JSON, for the outbox and for a file that people review."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, text: bytes) -> Snapshot:
        """The snapshot that `to_json` wrote.

        Raises:
            ZohoError: the text is not a snapshot.
        """
        try:
            parts = orjson.loads(text)
            return cls(
                taken_at=int(parts["taken_at"]),
                lists=tuple(MailingList(**item) for item in parts["lists"]),
                journeys=tuple(Journey(**item) for item in parts["journeys"]),
                fields=tuple(str(label) for label in parts["fields"]),
                lengths={str(label): int(length) for label, length in parts.get("lengths", {}).items()},
                tags=None if parts.get("tags") is None else tuple(str(tag) for tag in parts["tags"]),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise ZohoError("this is not a snapshot of an account; take it again with leadbridge pull") from error


_Item = TypeVar("_Item", MailingList, Journey)


def take(call: Callable[[str, dict[str, str]], Envelope], now: int) -> Snapshot:
    """Read the whole account.

    `call` makes one call of the API of this name (`lists`, `journeys`, `fields`, `tags`) with this form; it counts it
    in the ledger, as every call.

    Raises:
        ZohoError: an answer is an error; the text has Zoho's words.
    """
    lists = _pages(lambda page: read_lists(call("lists", lists_form(page))))
    journeys = _pages(lambda page: read_journeys(call("journeys", journeys_form(page))))
    fields = call("fields", fields_form())
    return Snapshot(
        taken_at=now,
        lists=lists,
        journeys=journeys,
        fields=read_fields(fields),
        lengths=read_lengths(fields),
        tags=read_tags(call("tags", {})),
    )


def lists_form(page: int) -> dict[str, str]:
    """The parameters for a page of lists, counted from 1; `fromindex` counts lists from 1."""
    return {"resfmt": "JSON", "sort": "asc", "fromindex": str((page - 1) * PAGE_SIZE + 1), "range": str(PAGE_SIZE)}


def journeys_form(page: int) -> dict[str, str]:
    """The parameters for a page of open journeys of all users, counted from 1."""
    details = {"page": page, "limit": PAGE_SIZE, "user": "all", "trigger_type": "open"}
    return {"details": orjson.dumps(details).decode()}


def fields_form() -> dict[str, str]:
    """The parameters for all lead fields, which come at once."""
    return {"type": "json"}


def read_lists(envelope: Envelope) -> tuple[MailingList, ...]:
    """The lists in an answer of Get Mailing Lists. Raises ZohoError when it is an error."""
    found = items_in(checked("lists", envelope, "list_of_details").get("list_of_details"))
    items = ((text_of(item, "listkey"), text_of(item, "listname"), item.get("is_public")) for item in found)
    return tuple(MailingList(key=key, name=name, is_public=_flag(public)) for key, name, public in items if key)


def read_journeys(envelope: Envelope) -> tuple[Journey, ...]:
    """The journeys in an answer of Get Open Journeys, whose sample spells the trigger's key in two ways.

    Raises:
        ZohoError: the answer is an error.
    """
    found = items_in(checked("journeys", envelope, "journeys").get("journeys"))
    items = (
        Journey(
            key=text_of(item, "journey_key"),
            name=text_of(item, "journey_name"),
            trigger_key=text_of(item, "triggerkey") or text_of(item, "trigger_key"),
        )
        for item in found
    )
    return tuple(item for item in items if item.key)


def read_fields(envelope: Envelope) -> tuple[str, ...]:
    """The labels in an answer of Get All Lead Fields, of either shape. Raises ZohoError when it is an error.

    Documented: `response.fieldname[]`; working code reads `response.fieldnames.fieldname[]`
    (https://github.com/common-repository/advanced-form-integration).
    """
    found = _field_items(envelope)
    return tuple(dict.fromkeys(label for item in found if (label := text_of(item, "DISPLAY_NAME"))))


def read_lengths(envelope: Envelope) -> dict[str, int]:
    """The most characters of each field for which the answer of Get All Lead Fields has them. Raises ZohoError."""
    texts = {text_of(item, "DISPLAY_NAME"): text_of(item, "FIELD_LENGTH") for item in _field_items(envelope)}
    lengths = {label: int(text) for label, text in texts.items() if text.isdecimal() and len(text) <= MAX_DIGITS}
    return {label: length for label, length in lengths.items() if label and length}


def read_tags(envelope: Envelope) -> tuple[str, ...] | None:
    """The names in an answer of Get All Tags, which nests each tag under its id; None where the account refuses it.

    No page of this product documents the endpoint, so a refusal does not stop the rest of the account being read.
    """
    try:
        found = items_in(checked("tags", envelope, "tags").get("tags"))
    except ZohoError:
        return None
    nested = [tag for item in found for tag in (item, *item.values()) if isinstance(tag, dict)]
    names = (text_of(tag, "tag_name") or text_of(tag, "tagName") for tag in nested)
    return tuple(dict.fromkeys(filter(None, names)))


def _field_items(envelope: Envelope) -> list[dict[str, Any]]:
    data = checked("fields", envelope, "fieldname", "fieldnames")
    nested = data.get("fieldnames")
    return items_in(nested.get("fieldname") if isinstance(nested, dict) else data.get("fieldname"))


def _pages(page_of: Callable[[int], tuple[_Item, ...]]) -> tuple[_Item, ...]:
    return tuple(_walk(page_of))


def _walk(page_of: Callable[[int], tuple[_Item, ...]]) -> Iterator[_Item]:
    """All items of all pages, each once: an API that ignores paging answers the first page again and again."""
    seen: set[str] = set()
    for page in range(1, MAX_PAGES + 1):
        items = page_of(page)
        fresh = [item for item in items if item.key not in seen]
        seen.update(item.key for item in fresh)
        yield from fresh
        if not fresh or len(items) < PAGE_SIZE:
            return


def checked(api: str, envelope: Envelope, *members: str) -> Mapping[str, Any]:
    """The answer's data, if it is not an error; `api` names the API. Raises ZohoError, AccountError where that is why.

    These pages do not always show a `status`, so having one of these members counts as success, too.
    """
    judgement = judge(api, envelope)
    if judgement is Judgement.SUCCESS or judgement is Judgement.EMPTY:
        return envelope.data
    has_data = any(member in envelope.data for member in members)
    if (
        has_data
        and envelope.http_status < 300
        and envelope.code in ("", "0", "200")
        and envelope.status in ("", "success")
    ):
        return envelope.data
    reason = f"cannot read the account's {api}: {sentence(api, envelope)}"
    raise AccountError(reason) if judgement is Judgement.LANE else ZohoError(reason)


def items_in(value: Any) -> list[dict[str, Any]]:
    """The objects of a list in an answer; none where there is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(item: dict[str, Any], name: str) -> str:
    """A member of an object as text without white space around it, empty where it is missing or something else."""
    value = item.get(name)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _flag(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(value).strip().lower())
