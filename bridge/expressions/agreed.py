"""What a person chose: one rule for every form in which browsers, plug-ins and services send a tick or a choice.

It is documented in mappings/README.md, section "What counts as agreement".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge.expressions.texts import comparable
from bridge.expressions.values import MISSING, as_text, is_blank

if TYPE_CHECKING:
    from collections.abc import Collection

_YES: Final = {
    "html": "on true 1 checked selected ticked ✓ ✔ ☑ ✅",
    "en": "yes y agree agreed accept accepted i_agree i_accept i_consent",
    "de": "ja zugestimmt akzeptiert einverstanden ich_stimme_zu",
    "fr": "oui accepté j'accepte j’accepte d'accord d’accord",
    "es": "sí si acepto aceptado",
    "it": "sì accetto accettato acconsento",
    "pt": "sim aceito concordo",
    "nl": "akkoord ik_ga_akkoord",
    "pl": "tak zgadzam_się wyrażam_zgodę",
    "sv": "jag_godkänner jag_samtycker",
    "no": "jeg_godtar jeg_samtykker",
    "da": "jeg_accepterer jeg_giver_samtykke",
    "fi": "kyllä kylla hyväksyn suostun",
    "cs": "ano souhlasím",
    "sk": "áno súhlasím",
    "sl": "strinjam_se soglašam",
    "hr": "slažem_se pristajem suglasan_sam suglasna_sam",
    "sr": "слажем_се пристајем saglasan_sam saglasna_sam",
    "bg": "да съгласен_съм съгласна_съм съгласявам_се",
    "uk": "так згоден згодна погоджуюсь погоджуюся",
    "tr": "evet kabul_ediyorum onaylıyorum",
    "ro": "da sunt_de_acord accept",
    "hu": "igen elfogadom hozzájárulok",
    "ru": "да согласен согласна",
    "el": "ναι συμφωνώ αποδέχομαι",
    "ca": "hi_estic_d'acord accepto",
    "lt": "taip sutinku",
    "lv": "jā piekrītu",
    "et": "jah nõustun",
    "vi": "có vâng đồng_ý tôi_đồng_ý",
    "id": "ya setuju saya_setuju",
    "ko": "예 네 동의 동의함 동의합니다",
    "ja": "はい 同意する 同意します",
    "zh": "是 是的 同意",
    "th": "ใช่ ตกลง ยินยอม ยอมรับ",
    "hi": "हाँ हां सहमत मैं_सहमत_हूँ",
    "ar": "نعم موافق موافقة أوافق اوافق",
    "he": "כן מסכים מסכימה אני_מסכים אני_מסכימה",
}
"""Texts that mean yes, by language; `_` stands for a blank. `ja` and `da` are the same in many."""

_NO: Final = {
    "html": "off false 0 unchecked ✗ ✘ ☐",
    "en": "no n disagree declined rejected not_agreed",
    "de": "nein abgelehnt",
    "fr": "non refusé",
    "it": "rifiuto",
    "pt": "não nao",
    "nl": "nee",
    "pl": "nie nie_zgadzam_się",
    "sv": "nej",
    "no": "nei",
    "fi": "ei",
    "cs": "ne nesouhlasím",
    "sk": "nesúhlasím",
    "sl": "ne_strinjam_se",
    "hr": "ne_slažem_se",
    "bg": "не не_съм_съгласен не_съм_съгласна",
    "uk": "ні не_згоден не_згодна",
    "tr": "hayır hayir kabul_etmiyorum",
    "ro": "nu nu_sunt_de_acord",
    "hu": "nem",
    "ru": "нет не_согласен не_согласна",
    "el": "όχι οχι",
    "lt": "nesutinku",
    "lv": "nē nepiekrītu",
    "et": "ei_nõustu",
    "vi": "không không_đồng_ý",
    "id": "tidak tidak_setuju",
    "ko": "아니요 아니오 아뇨 동의하지_않음 동의하지_않습니다",
    "ja": "いいえ 同意しない 同意しません",
    "zh": "否 不 不是 不同意",
    "th": "ไม่ ไม่ใช่ ไม่ตกลง ไม่ยินยอม ไม่ยอมรับ",
    "hi": "नहीं नही असहमत",
    "ar": "لا غير_موافق لا_أوافق لا_اوافق",
    "he": "לא לא_מסכים לא_מסכימה",
}
"""Texts that mean no, in the same way. None means yes in another language of these, however it is written there."""

_THANKS: Final = {
    "western": "thanks thank danke merci gracias grazie obrigado obrigada bedankt dank tack takk tak kiitos gràcies",
    "eastern": "dziękuję dzięki děkuji díky ďakujem hvala mulțumesc köszönöm teşekkürler ačiū paldies aitäh tänan",
    "other": "спасибо дякую благодаря ευχαριστώ شكرا תודה धन्यवाद cảm terima",
}
"""What follows a no without a comma: `No thanks`."""


def _words(by_language: dict[str, str]) -> frozenset[str]:
    return frozenset(comparable(word.replace("_", " ")) for words in by_language.values() for word in words.split())


YES: Final = _words(_YES)
NO: Final = _words(_NO)
_POLITE: Final = _words(_THANKS)
_STOPS: Final = ",.;:!-–—،。，！"

_PARTS: Final = ("checked", "is_checked", "isChecked", "selected", "accepted", "agreed", "value")
"""Keys under which an object holds the state of a box."""

_EDGE: Final = "?:*.!,; "
_DEEPEST: Final = 4
"""Lists and objects inside each other beyond this are not a choice."""


def chosen(value: Any, depth: int = _DEEPEST) -> Any:
    """The one value that was chosen, where a list or an object holds just one; else the list of those that differ.

    Of a list, blank and repeated entries do not count, nor does an explicit no next to something else: browsers send
    the hidden `0` of a check box together with the `1` of its tick. Of an object, the part that holds a box's state.
    """
    if isinstance(value, str) and value[:1] == "[":
        value = _listed(value)
    if not depth or not isinstance(value, list | dict):
        return value
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        value = list(value.values())  # `newsletter[1]=on`: a list whose unticked boxes are missing
    if isinstance(value, dict):
        parts = [value[part] for part in _PARTS if part in value]
        return chosen(parts[0], depth - 1) if len(parts) == 1 else value
    found = {_identity(item): item for item in (chosen(item, depth - 1) for item in value) if not is_blank(item)}
    if not found:
        return value[0] if value and not isinstance(value[0], list | dict) else MISSING
    items = [item for item in found.values() if means(item) is not False] or list(found.values())
    return items[0] if len(items) == 1 or {means(item) for item in items} in ({True}, {False}) else items


def _listed(text: str) -> Any:
    """The list that a text holds as JSON, as Microsoft Forms and Power Automate write choices; else the text."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return found if isinstance(found, list) else text


def agreement(value: Any, labels: Collection[str] = ()) -> bool | None:
    """True where the value says yes, False where it says no, None where it says neither.

    `labels` are the texts of the box itself, comparable: many plug-ins send them as the value of a ticked box.
    """
    if value.__class__ is bool:
        return bool(value)
    value = chosen(value)
    if isinstance(value, list):
        return True if all(means(item, labels) is True for item in value) else None
    return means(value, labels)


def means(value: Any, labels: Collection[str] = ()) -> bool | None:
    """As `agreement`, for a single value."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    if not isinstance(value, str):
        return None
    text = comparable(value)
    bare = text.strip(_EDGE)
    if bare in NO:
        return False
    return True if bare in YES or text in labels else None


def declines(value: Any) -> bool:
    """Whether a single value says no in so many words: `No, thanks`. It is not consent, and clearly so.

    A sentence that starts with such a word may say anything: in French `Ne manquez rien` is no refusal.
    """
    if not isinstance(value, str):
        return means(value) is False
    text = comparable(value)
    first, _, rest = text.partition(" ")
    bare, thanks = first.rstrip(_STOPS), rest.strip(_EDGE).partition(" ")[0]
    is_apart = bare != first or rest[:1] in _STOPS or thanks in _POLITE
    return means(text) is False or (bare in NO and is_apart)


def outline(value: Any) -> str:
    """What a value is, without what it says: it may be personal. `a list of 2: a text of 1 character, true`."""
    if isinstance(value, list):
        inner = ", ".join(outline(item) if not isinstance(item, list | dict) else "…" for item in value[:5])
        return f"a list of {len(value)}" + (f": {inner}" if inner else "") + (", …" if len(value) > 5 else "")
    if isinstance(value, dict):
        known = [part for part in _PARTS if part in value]
        return f"an object of {len(value)} parts" + (f", among them {' and '.join(known)}" if known else "")
    if isinstance(value, str):
        return f"the text {value.strip()!r}" if means(value) is not None else f"a text of {len(value)} characters"
    return as_text(value) if isinstance(value, bool) else "nothing" if is_blank(value) else "a number"


def _identity(value: Any) -> Any:
    """What makes two entries of a list the same choice."""
    return id(value) if isinstance(value, list | dict) else comparable(as_text(value))
