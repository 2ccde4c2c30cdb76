"""The usual names of a person's data are known in every language, however they are written."""

from __future__ import annotations

import unicodedata

import orjson
import pytest

from bridge.intake.events.usual_names import FILE, PARTS, folded, known_as, part_named, usual_names

LANGUAGES = orjson.loads(FILE.read_bytes())
EXAMPLES = {
    "en": ("Your E-Mail Address", "First name", "Last name", "Full name", "Phone number", "Company"),
    "de": ("Ihre E-Mail-Adresse", "Vorname", "Nachname", "Vollständiger Name", "Telefonnummer", "Firma"),
    "fr": ("Votre adresse e-mail", "Prénom", "Nom de famille", "Nom complet", "Téléphone", "Société"),
    "es": ("Correo electrónico", "Nombre", "Apellidos", "Nombre completo", "Teléfono móvil", "Empresa"),
    "it": ("Indirizzo e-mail", "Nome", "Cognome", "Nome e cognome", "Cellulare", "Azienda"),
    "pt": ("Endereço de e-mail", "Primeiro nome", "Sobrenome", "Nome completo", "Telemóvel", "Organização"),
    "nl": ("E-mailadres", "Voornaam", "Achternaam", "Volledige naam", "Telefoonnummer", "Bedrijf"),
    "pl": ("Adres e-mail", "Imię", "Nazwisko", "Imię i nazwisko", "Numer telefonu", "Firma"),
    "sv": ("E-postadress", "Förnamn", "Efternamn", "Namn", "Mobilnummer", "Företag"),
    "no": ("E-postadresse", "Fornavn", "Etternavn", "Fullt navn", "Telefonnummer", "Bedrift"),
    "da": ("E-mailadresse", "Fornavn", "Efternavn", "Fulde navn", "Telefonnummer", "Virksomhed"),
    "fi": ("Sähköpostiosoite", "Etunimi", "Sukunimi", "Koko nimi", "Puhelinnumero", "Yritys"),
    "cs": ("E-mailová adresa", "Jméno", "Příjmení", "Jméno a příjmení", "Telefonní číslo", "Společnost"),
    "tr": ("E-posta adresiniz", "Adınız", "Soyadı", "Ad Soyad", "Cep Telefonu", "Şirket"),
    "ro": ("Adresă de e-mail", "Prenume", "Nume de familie", "Nume complet", "Număr de telefon", "Companie"),
    "hu": ("E-mail cím", "Keresztnév", "Vezetéknév", "Teljes név", "Telefonszám", "Cégnév"),
    "ru": ("Электронная почта", "Имя", "Фамилия", "ФИО", "Номер телефона", "Компания"),
    "el": ("Ηλεκτρονικό ταχυδρομείο", "Όνομα", "Επώνυμο", "Ονοματεπώνυμο", "Τηλέφωνο", "Εταιρεία"),
    "ja": ("メールアドレス", "名", "姓", "氏名", "電話番号", "会社名"),
    "zh": ("电子邮箱", "名字", "姓氏", "姓名", "手机号码", "公司名称"),
    "sk": ("E-mailová adresa", "Krstné meno", "Priezvisko", "Meno a priezvisko", "Telefónne číslo", "Spoločnosť"),
    "hr": ("E-mail adresa", "Ime", "Prezime", "Ime i prezime", "Broj telefona", "Naziv tvrtke"),
    "bg": ("Имейл адрес", "Собствено име", "Фамилия", "Три имена", "Телефонен номер", "Име на фирмата"),
    "uk": ("Електронна пошта", "Ім’я", "Прізвище", "ПІБ", "Номер телефону", "Назва компанії"),
    "ko": ("이메일 주소", "이름", "성씨", "성함", "휴대폰 번호", "회사명"),
    "ar": ("البريد الإلكتروني", "الاسم الأول", "اسم العائلة", "الاسم الكامل", "رقم الهاتف", "اسم الشركة"),
    "sr": ("Имејл адреса", "Име", "Презиме", "Име и презиме", "Број телефона", "Назив фирме"),
    "sl": ("E-poštni naslov", "Ime", "Priimek", "Ime in priimek", "Telefonska številka", "Podjetje"),
    "lt": ("El. pašto adresas", "Vardas", "Pavardė", "Vardas ir pavardė", "Telefono numeris", "Įmonė"),
    "lv": ("E-pasta adrese", "Vārds", "Uzvārds", "Vārds un uzvārds", "Tālruņa numurs", "Uzņēmums"),
    "et": ("E-posti aadress", "Eesnimi", "Perekonnanimi", "Ees- ja perekonnanimi", "Telefoninumber", "Ettevõte"),
    "vi": ("Email của bạn", "Tên", "Họ", "Họ và tên", "Số điện thoại", "Công ty"),
    "th": ("อีเมลของคุณ", "ชื่อ", "นามสกุล", "ชื่อ-นามสกุล", "เบอร์โทรศัพท์", "บริษัท"),
    "id": ("Alamat email", "Nama depan", "Nama belakang", "Nama lengkap", "Nomor telepon", "Perusahaan"),
    "hi": ("ईमेल पता", "पहला नाम", "उपनाम", "पूरा नाम", "मोबाइल नंबर", "कंपनी"),
    "ca": ("Adreça electrònica", "Nom de pila", "Cognoms", "Nom i cognoms", "Telèfon mòbil", "Empresa"),
    "he": ("דואר אלקטרוני", "שם פרטי", "שם משפחה", "שם מלא", "מספר טלפון", "שם החברה"),
}


def _spellings(name: str) -> tuple[str, ...]:
    return (
        name, name.upper(), name.lower(), name.replace(" ", "_"), name.replace("-", "_"), name.replace("-", ""),
        f" {name}: *", f"{name} (required)", f"{name} 2", name.title().replace(" ", ""),
        unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name), name.replace(" ", "\u00a0"),
        f"<{name}>", name.replace("'", "&#039;"),
    )  # fmt: skip


def test_the_table_has_every_language_with_every_part() -> None:
    assert set(LANGUAGES) == set(EXAMPLES)
    for words in LANGUAGES.values():
        assert set(words) == {*PARTS, "your", "required", "own"}
        assert all(words.values())


@pytest.mark.parametrize("language", EXAMPLES)
def test_a_form_in_this_language_is_understood(language: str) -> None:
    for part, name in zip(PARTS, EXAMPLES[language], strict=True):
        for spelling in _spellings(name):
            assert known_as([spelling]) & set(usual_names(part)), (part, spelling)


@pytest.mark.parametrize("language", EXAMPLES)
def test_every_name_of_the_table_is_found_in_any_spelling(language: str) -> None:
    for part in PARTS:
        for name in LANGUAGES[language][part]:
            for spelling in _spellings(name):
                assert known_as([spelling]) & set(usual_names(part)), (part, spelling)


@pytest.mark.parametrize("name", ["e-mail-adresse", "E_Mail", "email*", "Your e-mail:", "eMail", "EMAIL", "Ｅｍａｉｌ"])
def test_an_address_is_asked_for_in_many_ways(name: str) -> None:
    assert folded(name) in usual_names("email")


def test_letters_may_be_written_without_their_accents() -> None:
    assert folded("vollstaendiger name") in usual_names("full_name")
    assert folded("vollstandiger Name") in usual_names("full_name")
    assert folded("imie") == folded("Imię")


def test_no_name_means_two_parts() -> None:
    for part in PARTS:
        for other in PARTS:
            shared = set(usual_names(part)) & set(usual_names(other))
            assert part == other or not shared, (part, other, shared)


def test_a_long_name_is_compared_as_it_is() -> None:
    marks = "a" + "\u0301\u0316" * 1_000
    assert folded(marks) is marks


@pytest.mark.parametrize(
    "name",
    [
        *(
            "confirm_email",
            "Confirm your e-mail *",
            "emailConfirmation",
            "Re-enter email",
            "E-Mail-Adresse wiederholen",
        ),
        *("Confirmez votre adresse e-mail", "Confirmar correo electrónico", "Conferma e-mail", "Confirme seu e-mail"),
        *("Bevestig e-mailadres", "Powtórz adres e-mail", "Bekräfta e-post", "Vahvista sähköposti", "Повторите e-mail"),
        *("メールアドレス（確認用）", "确认邮箱"),
    ],
)
def test_an_address_asked_for_twice_competes_with_the_first(name: str) -> None:
    assert part_named(name) == "email"


@pytest.mark.parametrize(
    "name", ["And your last name, *{{field:0f3c9a1e-4b6d}}*?", "Your last name, {{field:0f3c}}?", "And your last name?"]
)
def test_an_earlier_answer_inside_a_question_is_not_part_of_its_name(name: str) -> None:
    assert part_named(name) == "last_name"


def test_a_question_that_is_nothing_but_an_earlier_answer_has_no_usual_name() -> None:
    assert part_named("{{field:0f3c}}") == ""
