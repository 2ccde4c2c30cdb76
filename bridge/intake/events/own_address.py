"""Whether the name of a question for an address may mean somebody else's: a word in it says whose, not the person's.

Roles are endless (`Doctor`, `teacher_email`, `E-Mail des Trainers`), so it is the other way round: a name of few words
is the person's own where each of them is known to be: the words for an address, for `your`, and those under `own` in
`usual_names.json` (what kind of address it is, who fills forms, what builders call fields). A sentence asks the person.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from bridge.expressions.texts import LONGEST_CACHED
from bridge.intake.events.other_people import UNSPACED, bare, last_letter, words_of
from bridge.intake.events.usual_names import languages

_MOST: Final = 2
"""Words. Of more than these that are not known, a name is a sentence."""

_SHORT: Final = 2
"""Letters. Words of so few are articles, and the marks of builders."""

_ROLE: Final = 4
"""Letters that the name of a role has at most, as a rule, where no blanks stand between words."""

_AFFIX: Final = 4
"""Letters from which a word for an address may be one end of another word: `trainermail`."""

_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""A part of a name like `teacherEmail`."""

_MARK: Final = re.compile(r"[bcdfghj-np-tv-xz]{1,4}")
"""A mark of builders: no word has so few letters and no vowel. `fld_email`, `frm-mail`."""

_YOURS: Final = (
    "your my ihr ihre dein deine mein meine votre ton mon tua tuo sua suo mia mio seu sua meu minha teva seva meva "
    "jouw mijn twoj twoja twoje moj moje swoj swoja din ditt dit min mitt sinun vas vase vasa tvuj tvoj moj muj "
    "sizin senin tau tavs jusu tavo musu sinu teie minu ваш ваша ваше вашу твой твоя мой моя мою вашия вашият вашата "
    "твоят мои мій моя твій мој σας σου μου שלך שלי anda kamu saya ban आपका आपकी मेरा"
)
"""Bare words for `your` and `my`, where they stand apart from the word for an address."""

_TO_THE_PERSON: Final = "we us you wir uns dir dich nous vous te wij ons oss мы вам me moi mich mir mij meg мне"
"""Bare words that only a sentence to the person, or by the person, has: `Which inbox shall we use?`, `Tell me more`."""

_PURPOSE: Final = "for fur pour para per por voor till til dla pro za для за"
"""Bare words for `for`: after a word for an address they say what it is for, and not whose it is."""


class _Known(NamedTuple):
    """Words that the person's own address may be named by, bare; `unspaced` have no blanks between, longest first.

    `affixes` are those for an address; the first three are of the texts above.
    """

    yours: frozenset[str]
    to_the_person: frozenset[str]
    purpose: frozenset[str]
    words: frozenset[str]
    stems: frozenset[str]
    affixes: tuple[str, ...]
    unspaced: tuple[str, ...]


@lru_cache(maxsize=4096)
def names_a_stranger(name: str) -> bool:
    """Whether one or two words of the name are not known to mean the person's own address."""
    if len(name) > LONGEST_CACHED or _is_opaque(name):
        return False
    readings = (words_of(name), words_of(name.lower()))
    return all(0 < sum(map(_unknown, words)) <= _MOST and not _asks_the_person(words) for words in readings)


def _is_opaque(name: str) -> bool:
    """Whether it is letters drawn at random (`JwWggjAKtOkA`), which say nothing: most parts are too short for words."""
    parts = [] if " " in name else _PART.findall(name)
    return len(parts) > _SHORT + 1 and 2 * sum(len(part) <= _SHORT for part in parts) > len(parts)


def _asks_the_person(words: list[str]) -> bool:
    """Whether it is a sentence to the person, says what the address is for, or has `your` before a word for an address.

    `your` may also stand last and after that word. `Drop your e-mail here`, `E-mail for the raffle`.
    """
    known, plain = _known(), [bare(word) for word in words]
    return not known.to_the_person.isdisjoint(plain) or any(
        (first in known.yours and second.startswith(known.affixes))
        or (second in known.yours and first.startswith(known.affixes) and place == len(plain) - 2)
        or (second in known.purpose and first.startswith(known.affixes))
        for place, (first, second) in enumerate(pairwise(plain))
    )


def says_address(name: str) -> bool:
    """Whether a word of the name means an address, or ends so."""
    return any(bare(word).endswith(_known().affixes) for word in words_of(name))


def _unknown(word: str) -> int:
    """How many words a run of letters comes to that are not known: one or none where blanks stand between words."""
    known, word = _known(), bare(word)
    if not any(map(str.isalpha, word)):
        return 0
    if last_letter(word) >= UNSPACED:
        for one in known.unspaced:
            word = word.replace(one, "")
        return -(-len(word) // _ROLE)
    if _is_known(word, known):
        return 0
    rest = next(filter(None, (_without(word, affix) for affix in known.affixes)), word)
    return int(not (_is_known(rest, known) or _is_known(rest.removesuffix("s"), known)))


def _is_known(word: str, known: _Known) -> bool:
    return (
        len(word) <= _SHORT
        or word in known.words
        or _MARK.fullmatch(word) is not None
        or any(word[:length] in known.stems for length in range(_SHORT, len(word) + 1))
    )


def _without(word: str, affix: str) -> str:
    """What another word is besides the affix; nothing where it is not there, or is nearly all of the word."""
    if word.endswith(affix):
        return word.removesuffix(affix)
    return word.removeprefix(affix) if word.startswith(affix) and len(word) - len(affix) > _SHORT else ""


@cache
def _known() -> _Known:
    named = [text for one in languages().values() for part in ("email", "your", "required") for text in one[part]]
    mail = {bare(word) for one in languages().values() for text in one["email"][:3] for word in words_of(text)}
    own = [text for one in languages().values() for text in one["own"].split()]
    words = [bare(word) for text in (*named, *own) if not text.endswith("*") for word in words_of(text)]
    return _Known(
        yours=frozenset(_YOURS.split()),
        to_the_person=frozenset(_TO_THE_PERSON.split()),
        purpose=frozenset(_PURPOSE.split()),
        words=frozenset(words),
        stems=frozenset(bare(word) for text in own if text.endswith("*") for word in words_of(text)),
        affixes=tuple(sorted((word for word in mail if len(word) >= _AFFIX), key=len, reverse=True)),
        unspaced=tuple(sorted({one for one in words if last_letter(one) >= UNSPACED}, key=len, reverse=True)),
    )
