"""Read the small values of a row: countries, documents, addresses, telephone numbers, languages.

Each function takes the text of one cell and returns the normalised value, or None if the text is none.
"""

import re
import unicodedata
from functools import lru_cache

import pycountry
from babel import Locale

from accounts.names import fold_native

_NAME_LANGUAGES = ("en", "ar", "fr")
_DOCUMENT_KINDS = {
    "passport": ("passport", "pass", "p", "جواز", "جواز سفر", "جواز السفر", "passeport"),
    "national_id": (
        "national id", "national id card", "id", "id card", "identity card", "national identity card", "nid", "هوية",
        "بطاقة هوية", "الهوية الوطنية", "بطاقة الهوية", "هوية وطنية", "بطاقة وطنية", "البطاقة الوطنية", "بطاقة التعريف الوطنية",
        "رقم وطني", "الرقم الوطني", "carte d'identité", "carte nationale d'identité", "cni", "carte nationale",
    ),
    "other": (
        "other", "residence permit", "military id", "military id card", "service card", "driving licence", "driving license",
        "travel document", "laissez passer", "أخرى", "غير ذلك", "إقامة", "هوية عسكرية", "بطاقة عسكرية", "رخصة قيادة",
        "autre", "titre de séjour", "carte militaire", "permis de conduire",
    ),
}  # fmt: skip
# Names and codes in daily use that the tables of ISO and CLDR do not carry.
_OTHER_COUNTRY_NAMES = {
    "uk": "GB", "great britain": "GB", "england": "GB", "usa": "US", "united states of america": "US", "uae": "AE",
    "emirates": "AE", "الامارات": "AE", "ksa": "SA", "السعودية": "SA", "المملكة العربية السعودية": "SA",
    "المملكة الاردنية الهاشمية": "JO", "الجمهورية العربية السورية": "SY", "الجمهورية اللبنانية": "LB",
    "جمهورية العراق": "IQ", "جمهورية مصر العربية": "EG", "المملكة المغربية": "MA", "الجمهورية التونسية": "TN",
    "الجزائر": "DZ", "سوريا": "SY", "palestine": "PS", "فلسطين": "PS", "دولة فلسطين": "PS", "turkey": "TR",
    "turkiye": "TR", "تركيا": "TR", "turquie": "TR", "ivory coast": "CI", "cote d'ivoire": "CI", "kosovo": "XK",
    "xkx": "XK", "rks": "XK", "syria": "SY", "syrie": "SY", "iran": "IR", "russia": "RU", "vietnam": "VN", "laos": "LA",
    "tanzania": "TZ", "bolivia": "BO", "venezuela": "VE", "moldova": "MD", "south korea": "KR", "north korea": "KP",
    "holland": "NL", "drc": "CD", "مصر": "EG", "المغرب": "MA", "العراق": "IQ", "لبنان": "LB",
}  # fmt: skip
_NATIONALITIES = {
    "jordanian": "JO", "اردني": "JO", "اردنية": "JO", "lebanese": "LB", "لبناني": "LB", "لبنانية": "LB", "syrian": "SY",
    "سوري": "SY", "سورية": "SY", "iraqi": "IQ", "عراقي": "IQ", "عراقية": "IQ", "egyptian": "EG", "مصري": "EG",
    "مصرية": "EG", "palestinian": "PS", "فلسطيني": "PS", "فلسطينية": "PS", "saudi": "SA", "سعودي": "SA", "سعودية": "SA",
    "moroccan": "MA", "مغربي": "MA", "مغربية": "MA", "marocain": "MA", "marocaine": "MA", "tunisian": "TN", "تونسي": "TN",
    "تونسية": "TN", "tunisien": "TN", "tunisienne": "TN", "algerian": "DZ", "جزائري": "DZ", "جزائرية": "DZ",
    "algerien": "DZ", "algerienne": "DZ", "turkish": "TR", "تركي": "TR", "french": "FR", "francais": "FR",
    "francaise": "FR", "british": "GB", "pakistani": "PK", "indonesian": "ID", "spanish": "ES", "sudanese": "SD",
    "سوداني": "SD", "سودانية": "SD", "yemeni": "YE", "يمني": "YE", "libyan": "LY", "ليبي": "LY", "jordanien": "JO",
    "jordanienne": "JO", "libanais": "LB", "libanaise": "LB", "senegalais": "SN", "senegalaise": "SN",
}  # fmt: skip

_NUMBER_BLANKS = re.compile(r"[\s\-./\u2010-\u2015]+")
_NUMBER = re.compile(r"[A-Z0-9]{3,30}")
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[\w][\w-]{0,61}[\w]")
_PHONE_BLANKS = re.compile(r"[\s()\-./\u2010-\u2015\u200e\u200f]+")
_PHONE = re.compile(r"\+?\d{6,15}")
_LANGUAGE_SEPARATORS = re.compile(
    r"[,;/|&+\n\u060c\u061b\u2022]| and | et | \u0648 | (?=\u0648\u0627\u0644)|\s-\s"
)


def plain_digits(text: str) -> str:
    """Return the text with every decimal digit, Arabic-Indic and others, as an ASCII digit."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(letter)) if unicodedata.category(letter) == "Nd" else letter for letter in text
    )


@lru_cache(maxsize=4096)
def read_country(text: str) -> str | None:
    """Return the ISO 3166 alpha-2 code of a country given by code, name or nationality in English, Arabic or French."""
    code = text.strip().upper()
    if len(code) == 2 and pycountry.countries.get(alpha_2=code):
        return code
    if len(code) == 3 and code.isascii() and (country := pycountry.countries.get(alpha_3=code)):
        return str(country.alpha_2)
    return _country_names().get(_fold_country(text))


def read_document_type(text: str) -> str | None:
    """Return `passport`, `national_id` or `other`."""
    return _KINDS.get(_fold_words(text))


def read_document_number(text: str) -> str | None:
    """Return a document number in capitals and digits without blanks, hyphens and full stops."""
    number = _NUMBER_BLANKS.sub("", plain_digits(unicodedata.normalize("NFKC", text))).upper()
    if _NUMBER.fullmatch(number):
        return number
    # Numbers of some national cards carry a letter of the country's own script.
    is_number = (
        3 <= len(number) <= 30
        and all(letter.isalnum() for letter in number)
        and any(map(str.isdigit, number))
    )
    return number if is_number else None


def read_email(text: str) -> str | None:
    """Return an e-mail address with its host in small letters, if it has the shape of one."""
    address = unicodedata.normalize("NFC", text.strip().removeprefix("mailto:"))
    if len(address) > 254 or not _EMAIL.fullmatch(address) or ".." in address:
        return None
    local, _at, host = address.rpartition("@")
    return f"{local}@{host.lower()}"


def read_phone(text: str) -> str | None:
    """Return a telephone number as digits with an optional leading plus."""
    number = _PHONE_BLANKS.sub("", plain_digits(text))
    number = f"+{number[2:]}" if number.startswith("00") else number
    return number if _PHONE.fullmatch(number) else None


def read_languages(text: str) -> tuple[tuple[str, ...], str]:
    """Return the language codes of a list of codes or names, and the first part that is none (or "")."""
    codes: list[str] = []
    for part in _LANGUAGE_SEPARATORS.split(text):
        name = part.strip(" .()")
        if not name:
            continue
        code = _read_language(name)
        if code is None:
            return (), name
        if code not in codes:
            codes.append(code)
    return tuple(codes), ""


@lru_cache(maxsize=4096)
def _read_language(name: str) -> str | None:
    code = name.casefold()
    if len(code) == 2 and code.isascii() and pycountry.languages.get(alpha_2=code):
        return code
    if len(code) == 3 and code.isascii():
        found = pycountry.languages.get(alpha_3=code) or pycountry.languages.get(bibliographic=code)
        if found:
            return str(getattr(found, "alpha_2", found.alpha_3))
    names = _language_names()
    return names.get(_fold_words(name)) or names.get(_fold_words(name).removeprefix("\u0648"))


def _fold_words(text: str) -> str:
    return fold_native(re.sub(r"[^\w]+|_", " ", text))


def _fold_country(text: str) -> str:
    return _fold_words(text).removeprefix("the ").replace(" ", "")


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for country in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            if name := getattr(country, attribute, None):
                names.setdefault(_fold_country(name), country.alpha_2)
    for language in _NAME_LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and (code == "XK" or pycountry.countries.get(alpha_2=code)):
                names.setdefault(_fold_country(name), code)
    names.update(
        (_fold_country(name), code) for name, code in {**_OTHER_COUNTRY_NAMES, **_NATIONALITIES}.items()
    )
    return names


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in (*_NAME_LANGUAGES, "es", "tr"):
        for code, name in Locale(language).languages.items():
            if len(code) in (2, 3):
                names.setdefault(_fold_words(name), code)
    for code in ("ar", "fr", "en", "tr", "ur", "id", "es", "fa", "ru", "de", "it", "pt"):
        names.setdefault(_fold_words(Locale(code).languages[code]), code)
    arabic_short = {
        "\u0639\u0631\u0628\u064a": "ar",
        "\u0627\u0646\u062c\u0644\u064a\u0632\u064a": "en",
        "\u0641\u0631\u0646\u0633\u064a": "fr",
    }
    return {**names, **arabic_short}


_KINDS = {_fold_words(name): kind for kind, names in _DOCUMENT_KINDS.items() for name in names} | {
    "other": "other"
}
