"""How forms usually name an address, a name, a phone: for senders that give labels only, in the languages met most.

A preset writes `usual` where it would list these. Names stand here folded (see `folded`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_EDGES: Final = re.compile(r"[\s_\-:?*!.,/()]+")


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without regard to letter case, spaces, underscores, hyphens and punctuation."""
    return _EDGES.sub(" ", name).strip().casefold()


def known_as(names: Iterable[str]) -> frozenset[str]:
    """What something with these names may be called: folded, with the number at the end and without it."""
    all_folded = [folded(name) for name in names]
    return frozenset((*all_folded, *map(unnumbered, all_folded)))


def unnumbered(name: str) -> str:
    """A folded name without the number at its end that builders add to a second field: `full name 2`."""
    return name.rstrip("0123456789 ") or name


EMAIL: Final = (
    "email", "e mail", "mail", "email address", "e mail address", "mail address", "emailaddress", "your email",
    "your e mail", "your email address", "work email", "business email", "company email", "personal email",
    "contact email", "email id", "user email", "lead email", "customer email",
    "e mail adresse", "email adresse", "mailadresse", "ihre e mail", "ihre e mail adresse", "deine e mail adresse",
    "adresse e mail", "adresse email", "courriel", "votre e mail", "votre email", "adresse électronique",
    "correo", "correo electrónico", "correo electronico", "tu correo", "tu email", "dirección de correo electrónico",
    "indirizzo email", "indirizzo e mail", "la tua email", "posta elettronica",
    "endereço de e mail", "endereço de email", "seu e mail", "seu email", "e mailadres", "emailadres", "uw e mailadres",
    "adres e mail", "adres email", "e postadress", "epost", "e post", "e mailadresse", "sähköposti",
)  # fmt: skip
FIRST_NAME: Final = (
    "first name", "firstname", "first", "given name", "givenname", "fname", "forename", "your first name", "name first",
    "vorname", "ihr vorname", "prénom", "prenom", "votre prénom", "nombre", "nombre de pila", "nome", "primeiro nome",
    "voornaam", "imię", "imie", "förnamn", "fornavn", "etunimi",
)  # fmt: skip
LAST_NAME: Final = (
    "last name", "lastname", "last", "surname", "family name", "familyname", "lname", "your last name", "name last",
    "nachname", "familienname", "ihr nachname", "nom", "nom de famille", "votre nom", "apellido", "apellidos",
    "cognome", "sobrenome", "apelido", "último nome", "achternaam", "nazwisko", "efternamn", "etternavn", "sukunimi",
)  # fmt: skip
FULL_NAME: Final = (
    "full name", "fullname", "your name", "yourname", "your full name", "name", "names", "contact name",
    "customer name", "first and last name", "name and surname", "vollständiger name", "ihr name", "vor und nachname",
    "nom complet", "nom et prénom", "nombre completo", "nombre y apellidos", "nome completo", "nome e cognome",
    "seu nome", "volledige naam", "naam", "uw naam", "imię i nazwisko", "namn", "fullständigt namn", "fullt navn",
    "navn", "nimi",
)  # fmt: skip
PHONE: Final = (
    "phone", "phone number", "phonenumber", "telephone", "telephone number", "tel", "mobile", "mobile number",
    "mobile phone", "cell", "cell phone", "cellphone", "your phone", "your phone number", "contact number",
    "work phone", "whatsapp", "whatsapp number", "phone no", "mobile no",
    "telefon", "telefonnummer", "handy", "handynummer", "mobilnummer", "téléphone", "telephone portable", "portable",
    "numéro de téléphone", "teléfono", "telefono", "móvil", "número de teléfono", "cellulare", "numero di telefono",
    "telefone", "celular", "número de telefone", "telefoonnummer", "telefoon", "numer telefonu", "mobil", "puhelin",
)  # fmt: skip
COMPANY: Final = (
    "company", "company name", "companyname", "organization", "organisation", "organization name", "organisation name",
    "business", "business name", "employer", "institution", "your company", "firm",
    "firma", "unternehmen", "firmenname", "entreprise", "société", "nom de l'entreprise", "empresa", "azienda",
    "nome da empresa", "nombre de la empresa", "nome azienda", "bedrijf", "bedrijfsnaam", "nazwa firmy", "företag",
)  # fmt: skip

NAMES: Final = {
    "email": EMAIL,
    "first_name": FIRST_NAME,
    "last_name": LAST_NAME,
    "full_name": FULL_NAME,
    "phone": PHONE,
    "company": COMPANY,
}
"""The parts of a contact and the names of the questions that usually ask for them, the likeliest first."""

INSIDE: Final = {
    "first_name": (FULL_NAME, ("first", "first name", "firstname", "given name", "givenname")),
    "last_name": (FULL_NAME, ("last", "last name", "lastname", "family name", "surname")),
    "full_name": (FULL_NAME, ("full", "full name", "fullname", "firstandlast", "name")),
    "phone": (PHONE, ("full", "phone", "number", "value", "full number")),
    "email": (EMAIL, ("email", "value", "address")),
}
"""Where an answer is an object: the questions, and the keys of the part inside it."""

TRACKING: Final = (
    "utm_*", "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id", "referrer",
    "referer", "landing_page",
)  # fmt: skip
"""Names of what tells where a lead came from, in lower case with underscores; `*` stands for any ending."""
