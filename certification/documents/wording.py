"""The words of a certificate in each of its languages.

They are not taken from the translation catalogue: a certificate is printed in two languages at once and must come out the same when it
is made again years later, whatever a translator has improved since. A change here is a new template version.

Arabic: no vowel marks, which break copying of text; a formula without gender; numerals of the Arab East in running text, and both
names of a month, as the United Nations write dates for readers from Morocco to Iraq.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Wording:
    """The fixed texts of one language; names in braces are filled by the certificate."""

    direction: str
    title: str
    certifies: str
    completed: str
    achieved: str
    place: str
    issued: str
    valid_until: str
    valid_always: str
    check: str
    check_seal: str
    seal: str
    particulars: str
    outcomes: str
    demonstration: str
    demonstration_mark: str
    labels: tuple[str, ...]
    unlimited: str


EN = Wording(
    direction="ltr",
    title="Certificate of Competence",
    certifies="This is to certify that",
    completed="has successfully completed the course",
    achieved="{hours} in {sessions} in the field of {domain}, held {place}{period}, and has met every requirement of its assessment.",
    place="in {place}, ",
    issued="Issued on {date}",
    valid_until="Valid until {date}",
    valid_always="Valid without limit of time",
    check="To check: scan the code or enter it at",
    check_seal="The PDF file carries the issuer’s electronic seal; any change breaks it.",
    seal="Electronically sealed",
    particulars="Particulars",
    outcomes="The holder has shown the ability to",
    demonstration="Demonstration – not a valid certificate",
    demonstration_mark="Demonstration",
    labels=(
        "Holder", "Course", "Edition and cohort", "Field", "Duration", "Held", "Place", "Number and version", "Issued", "Valid until",
        "Issued by", "Code",
    ),
    unlimited="Without limit",
)  # fmt: skip

FR = Wording(
    direction="ltr",
    title="Certificat de compétence",
    certifies="Le présent document atteste que",
    completed="a suivi avec succès la formation",
    achieved="{hours} en {sessions}, domaine : {domain}, tenue {place}{period}, et en a rempli toutes les conditions d’évaluation.",
    place="à {place}, ",
    issued="Délivré le {date}",
    valid_until="Valable jusqu’au {date}",
    valid_always="Valable sans limite de durée",
    check="Pour vérifier : scannez le code ou saisissez-le sur",
    check_seal="Le fichier PDF porte le cachet électronique de l’émetteur ; toute modification le rompt.",
    seal="Cachet électronique",
    particulars="Renseignements",
    outcomes="Le titulaire a démontré sa capacité à",
    demonstration="Démonstration – certificat non valable",
    demonstration_mark="Démonstration",
    labels=(
        "Titulaire", "Formation", "Édition et promotion", "Domaine", "Durée", "Dates", "Lieu", "Numéro et version", "Délivré le",
        "Valable jusqu’au", "Délivré par", "Code",
    ),
    unlimited="Sans limite",
)  # fmt: skip

AR = Wording(
    direction="rtl",
    title="شهادة كفاءة",
    certifies="تشهد هذه الوثيقة بنجاح",
    completed="في دورة",
    achieved="ومدتها {hours} في {sessions}، في مجال {domain}، وقد عقدت {place}{period}، مع استيفاء جميع متطلبات التقييم.",
    place="في {place}، ",
    issued="صدرت في {date}",
    valid_until="صالحة حتى {date}",
    valid_always="صالحة دون تحديد مدة",
    check="للتحقق: امسح الرمز أو أدخله في الموقع",
    check_seal="يحمل ملف PDF الختم الإلكتروني لجهة الإصدار، وأي تعديل يبطله.",
    seal="مختومة إلكترونيا",
    particulars="البيانات",
    outcomes="أثبت حامل الشهادة القدرة على",
    demonstration="نسخة للعرض – ليست شهادة صالحة",
    demonstration_mark="نسخة للعرض",
    labels=(
        "حامل الشهادة", "الدورة", "إصدار المنهاج والدفعة", "المجال", "المدة", "تاريخ الانعقاد", "المكان", "رقم الشهادة ونسختها",
        "تاريخ الإصدار", "صالحة حتى", "جهة الإصدار", "رمز التحقق",
    ),
    unlimited="دون تحديد مدة",
)  # fmt: skip

WORDINGS = {"en": EN, "fr": FR, "ar": AR}

_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "ar": (
        "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو",
        "تموز/يوليو", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
    ),
}  # fmt: skip

_EASTERN_NUMERALS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def write_number(language: str, number: int) -> str:
    """Write a whole number for running text."""
    return str(number).translate(_EASTERN_NUMERALS) if language == "ar" else str(number)


def write_date(language: str, day: date) -> str:
    """Write a date with its month in words."""
    return f"{_write_day(language, day)} {_write_month(language, day)}"


def write_period(language: str, first: date, last: date) -> str:
    """Write the days a course ran, without saying the same month twice."""
    if first == last:
        return {"en": "on {}", "fr": "le {}", "ar": "في {}"}[language].format(write_date(language, first))
    same_month = (first.year, first.month) == (last.year, last.month)
    start = _write_day(language, first) if same_month else write_date(language, first)
    pattern = {"en": "from {} to {}", "fr": "du {} au {}", "ar": "من {} إلى {}"}[language]
    return pattern.format(start, write_date(language, last))


def write_hours(language: str, count: int) -> str:
    """Write a number of hours with the noun in the form that goes with it."""
    if language == "ar":
        return _count_in_arabic(count, ("ساعة واحدة", "ساعتان", "ساعات", "ساعة"))
    singular, plural = {"en": ("hour", "hours"), "fr": ("heure", "heures")}[language]
    return f"{count} {singular if count == 1 else plural}"


def write_sessions(language: str, count: int) -> str:
    """Write a number of sessions with the noun in the form that goes with it."""
    if language == "ar":
        return _count_in_arabic(count, ("جلسة واحدة", "جلستين", "جلسات", "جلسة"))
    singular, plural = {"en": ("session", "sessions"), "fr": ("séance", "séances")}[language]
    return f"{count} {singular if count == 1 else plural}"


def _count_in_arabic(count: int, forms: tuple[str, str, str, str]) -> str:
    """One and two are words of their own, 3 to 10 (and 103 to 110 …) take the plural, the rest the singular."""
    one, two, few, many = forms
    if count in (1, 2):
        return one if count == 1 else two
    return f"{write_number('ar', count)} {few if 3 <= count % 100 <= 10 else many}"


def _write_day(language: str, day: date) -> str:
    return "1er" if language == "fr" and day.day == 1 else write_number(language, day.day)


def _write_month(language: str, day: date) -> str:
    return f"{_MONTHS[language][day.month - 1]} {write_number(language, day.year)}"
