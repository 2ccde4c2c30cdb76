"""Whatever a preset reads, it takes the right person or none: tried on every sample, so also on one added tomorrow."""

from __future__ import annotations

import json
import unicodedata
from copy import deepcopy
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from bridge.intake.events.usual_names import known_as, usual_names
from tests.samples import SAMPLES

from .test_samples import PRESETS, _events, _read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.model import Event

FRIEND = "friend@example.net"
OTHER_NAMES = ("email_1", "email 2", "friend_email", "Friend's e-mail", "E-Mail des Kollegen", "Referral email")
EMAIL_NAMES = {
    "de": "E-Mail-Adresse", "fr": "Adresse e-mail", "es": "Correo electrónico", "it": "Indirizzo e-mail",
    "pt": "Endereço de e-mail", "nl": "E-mailadres", "pl": "Adres e-mail", "sv": "E-postadress", "no": "E-postadresse",
    "da": "E-mailadresse", "fi": "Sähköposti", "cs": "E-mailová adresa", "tr": "E-posta adresi",
    "ro": "Adresă de e-mail", "hu": "E-mail cím", "ru": "Электронная почта", "el": "Ηλεκτρονικό ταχυδρομείο",
    "sk": "E-mailová adresa", "hr": "E-mail adresa", "bg": "Имейл адрес", "uk": "Електронна пошта",
    "ko": "이메일 주소", "ar": "البريد الإلكتروني", "he": "דואר אלקטרוני",
    "sr": "Имејл адреса", "sl": "E-poštni naslov", "lt": "El. pašto adresas", "lv": "E-pasta adrese",
    "et": "E-posti aadress",
    "vi": "Email của bạn", "th": "อีเมลของคุณ", "id": "Alamat email", "hi": "ईमेल पता", "ca": "Adreça electrònica",
    "ja": "メールアドレス", "zh": "电子邮箱", "en": "Your e-mail:",
}  # fmt: skip


def _people() -> Iterator[Any]:
    """Every sample with a lead's address."""
    for path in SAMPLES:
        case = _read(path)
        contacts = [event["contact"]["email"] for event in case["events"]]
        if any(contacts) and not {"text", "multipart"} & set(case):
            yield pytest.param(case, id=path.stem)


PEOPLE = list(_people())


def _changed(case: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    return case | {name: change(deepcopy(case[name])) for name in ("body", "form", "fetched") if name in case}


def _addresses(case: dict[str, Any]) -> set[str]:
    return {event["contact"]["email"] for event in case["events"] if event["contact"]["email"]}


def _holds(value: Any, address: str) -> bool:
    return value == address or (isinstance(value, list) and address in value)


def _with_friend_in_objects(value: Any, address: str, name: str) -> Any:
    """Next to each address in an object, a friend's before it."""
    if isinstance(value, list):
        return [_with_friend_in_objects(item, address, name) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if _holds(inner, address) and key != name:
            found.setdefault(name, [FRIEND] if isinstance(inner, list) else FRIEND)
        found[key] = _with_friend_in_objects(inner, address, name)
    return found


def _with_copied_items(value: Any, address: str, other: str, name: str | None) -> Any:
    """Next to each item of a list that holds an address, the same item before it with another address and name."""
    if isinstance(value, dict):
        return {key: _with_copied_items(inner, address, other, name) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    found: list[Any] = []
    for item in value:
        if isinstance(item, dict) and address in json.dumps(item):
            copy = json.loads(json.dumps(item).replace(address, other))
            for key in ("label", "title", "name") if name else ():
                if isinstance(copy.get(key), str) and copy[key] != other:
                    copy[key] = name
            found.append(copy)
        found.append(_with_copied_items(item, address, other, name))
    return found


def _never_friend(events: Any, name: str | None) -> None:
    for event in events:
        assert event.contact.email != FRIEND, name


@pytest.mark.parametrize("case", PEOPLE)
def test_an_address_in_another_field_is_never_taken_for_the_persons(case: dict[str, Any]) -> None:
    for address, name in product(_addresses(case), OTHER_NAMES):
        changed = _changed(case, partial(_with_friend_in_objects, address=address, name=name))
        _never_friend(_events(changed), name)


def _address_is_an_answer(event: Event, address: str) -> bool:
    return any(_holds(answer.value, address) for answer in event.answers)


def _asks_for_addresses(case: dict[str, Any]) -> bool:
    """Whether the person's address is the answer to a question, and not part of a record."""
    preset = PRESETS[case["preset"]]
    if "email" not in preset.recipe.contact.usual:
        return False
    events = _events(case)
    return len(events) == 1 and all(_address_is_an_answer(event, event.contact.email or "") for event in events)


QUESTIONS = [param for param in PEOPLE if _asks_for_addresses(param.values[0])]


@pytest.mark.parametrize("case", QUESTIONS)
def test_of_two_equal_questions_neither_is_taken_or_the_persons_own(case: dict[str, Any]) -> None:
    for address, name in product(_addresses(case), (None, *OTHER_NAMES)):
        changed = _changed(case, partial(_with_copied_items, address=address, other=FRIEND, name=name))
        _never_friend(_events(changed), name)


@pytest.mark.parametrize("case", QUESTIONS)
def test_a_blank_twin_before_the_answer_changes_nothing(case: dict[str, Any]) -> None:
    for address in _addresses(case):
        changed = _changed(case, partial(_with_copied_items, address=address, other="", name=None))
        assert [event.contact.email for event in _events(changed)] == [event.contact.email for event in _events(case)]


@pytest.mark.parametrize("case", PEOPLE)
def test_decomposed_letters_change_nothing(case: dict[str, Any]) -> None:
    def decompose(value: Any) -> Any:
        return json.loads(unicodedata.normalize("NFD", json.dumps(value, ensure_ascii=False)))

    for changed, event in zip(_events(_changed(case, decompose)), _events(case), strict=True):
        for part in ("email", "first_name", "last_name", "full_name", "phone", "company"):
            found, expected = getattr(changed.contact, part), getattr(event.contact, part)
            assert (found and unicodedata.normalize("NFC", found)) == (
                expected and unicodedata.normalize("NFC", expected)
            )


def _renamed(value: Any, names: set[str], name: str) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names, name) for item in value]
    if isinstance(value, dict):
        return {name if key in names else key: _renamed(inner, names, name) for key, inner in value.items()}
    return name if isinstance(value, str) and value in names else value


@pytest.mark.parametrize("case", QUESTIONS)
def test_a_form_in_any_language_is_understood(case: dict[str, Any]) -> None:
    (event,) = _events(case)
    answers = [answer for answer in event.answers if _holds(answer.value, event.contact.email or "")]
    names = {answer.label or answer.key for answer in answers}
    if all(known_as([name]) & PLAIN for name in names) and not _has_another(event):
        for language, name in EMAIL_NAMES.items():
            (changed,) = _events(_changed(case, partial(_renamed, names=names, name=name)))
            assert changed.contact.email == event.contact.email, language


PLAIN = set(usual_names("email")) - {"fieldemail"}
"""Wix puts `field:` before every name; other samples are found by a type, or by the look of the address."""


def _has_another(event: Event) -> bool:
    return any(
        "@" in str(answer.value) and not _holds(answer.value, event.contact.email or "") for answer in event.answers
    )


def test_nearly_every_preset_is_tried() -> None:
    assert len({param.values[0]["preset"] for param in PEOPLE}) >= len(PRESETS) - 4
    assert len({param.values[0]["preset"] for param in QUESTIONS}) >= 25
