"""One lead, one address: the check that Zoho's own rules ask for, and the form by which a lead is known."""

from __future__ import annotations

import re
import unicodedata

import idna

MAX_LENGTH = 254
"""RFC 5321, 4.5.3.1.3: a path has at most 256 octets, with its angle brackets."""

_AT, _CHARACTER = r"(?:@|%(?:25)*40)", r"[^\s,;:<>\"'()\[\]]"
IN_TEXT = re.compile(rf"(?<!{_CHARACTER}){_AT}*+(?:(?!{_AT}){_CHARACTER})++{_AT}{_CHARACTER}++")
"""What looks like an address in a sentence, as it is or as a URL has it. It is looked for at the start of each word
alone, so in linear time."""

_PLAIN = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?:(?=[^.]{1,61}\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+"
    r"(?!(?i:arpa|invalid|local|localhost|onion|test)$)[A-Za-z]{2,63}"
)
"""What nearly all addresses look like. Whatever fits needs no closer look, which costs twenty times as much."""


_FRAMED = re.compile(
    r"(?i)([^<>]*)<\s*(?:mailto:)?([^<>\s@]+@[^<>\s@]+)\s*>|()\s*mailto:([^?\s@]+@[^?\s@]+)(?:\?\S*)?\s*"
)
_WIDE_AT = "\uff20"


def written(text: str) -> str:
    """The address in a text as mail programs and Japanese keyboards write it; any other text as it is.

    `Ada Lovelace <ada@example.com>`, `mailto:ada@example.com`, and letters of full width. A name in front that holds
    another address leaves it open which is meant.
    """
    if ("<" not in text and ":" not in text and _WIDE_AT not in text) or len(text) > 2 * MAX_LENGTH:
        return text
    plain = unicodedata.normalize("NFKC", text) if _WIDE_AT in text else text
    found = _FRAMED.fullmatch(plain.strip())
    if found is None:
        return plain
    name, framed = found[1] or "", found[2] or found[4]
    return text if "@" in name.lower().replace(framed.lower(), "") else framed


def problem(address: str) -> str | None:
    """Why Zoho could not take this address, as the end of a sentence, or None when it can.

    Only the syntax is judged; no name server is asked. A comma is refused by name, since Zoho's Trigger Leads API
    takes its addresses as one comma-separated text.
    """
    if len(address) <= MAX_LENGTH and _PLAIN.fullmatch(address):
        return None
    if "," in address:
        return "it holds a comma"
    if len(address.encode("utf-8", "surrogatepass")) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} bytes"
    from email_validator import EmailNotValidError, validate_email  # for the few that are not plain

    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError) as error:
        return _as_clause(str(error))
    return None


def normalised(address: str) -> str:
    """The form of an address by which a lead is known: NFC, lower case, the domain in its ASCII (IDNA 2008) form.

    Only for matching; an address is always sent as it was given. It never raises: a domain that has no ASCII form
    stays in lower case.
    """
    if address.isascii() or len(address) > MAX_LENGTH:  # NFC takes quadratic time
        return address.strip().lower()
    lowered = unicodedata.normalize("NFC", address.strip()).lower()
    local, at, domain = lowered.rpartition("@")
    if not at or domain.isascii():
        return lowered
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return lowered


def _as_clause(sentence: str) -> str:
    text = sentence.strip().rstrip(".")
    return text[:1].lower() + text[1:]
