"""What was made of names is kept and given again, within a bound; and it never brings one event's values to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.expressions.name_cache import MOST, NameCache
from bridge.intake import Content, Preset, load_preset, read_events

if TYPE_CHECKING:
    from tests.unit.intake.conftest import MakeVerified

HEAD = "name: x\ntitle: X\ncategory: general\ndocs: []\nsetup: []\nverify: none\nbody: json\n"
LIST = (
    "contact: usual\nanswers: {list: body.fields, key: item.id, label: item.name, value: item.value}\ntracking: usual\n"
)


@dataclass(frozen=True)
class Made:
    size: int


def test_what_was_made_is_given_again() -> None:
    made: list[int] = []

    def make(size: int) -> Made:
        made.append(size)
        return Made(size)

    cache = NameCache(make)
    assert cache[3] is cache[3]
    assert made == [3]


def test_what_has_become_too_much_is_forgotten() -> None:
    cache = NameCache(Made)
    for size in range(1, 2_000):
        assert cache[size] == Made(size)
        assert sum(one.size for one in cache.values()) <= MOST
    assert cache


def test_what_is_too_large_alone_drives_nothing_else_out() -> None:
    cache = NameCache(Made, 10)
    one = cache[1]
    assert cache[11] == Made(11)
    assert list(cache) == [1]
    assert cache[1] is one


def _preset() -> Preset:
    preset = load_preset(HEAD + LIST, "x.yaml")
    assert isinstance(preset, Preset), preset
    return preset


def _field(name: str, value: Any) -> dict[str, Any]:
    return {"id": name.casefold(), "name": name, "value": value}


def test_events_of_one_form_keep_their_own_values(make_verified: MakeVerified) -> None:
    preset = _preset()
    people = [("Ada", "ada@example.com", "search"), ("Grace", "grace@example.org", ""), ("", "", "mail")]
    for name, address, source in people:
        fields = [_field("Name", name), _field("E-mail", address), _field("utm_source", source)]
        (event,) = read_events(preset, make_verified(b""), Content(value={"fields": fields}))
        assert (event.contact.full_name or "", event.contact.email or "") == (name, address)
        assert event.tracking == ({"utm_source": source} if source else {})
        assert [answer.value for answer in event.answers] == [name, address, source]


def test_the_same_answers_in_another_order_are_found(make_verified: MakeVerified) -> None:
    preset = _preset()
    fields = [_field("Name", "Ada"), _field("E-mail", "ada@example.com"), _field("Phone", "1")]
    for turned in (fields, fields[::-1], [*fields[1:], fields[0]], fields[1:]):
        (event,) = read_events(preset, make_verified(b""), Content(value={"fields": turned}))
        assert (event.contact.email, event.contact.phone) == ("ada@example.com", "1")
        assert event.contact.full_name == ("Ada" if fields[0] in turned else None)
