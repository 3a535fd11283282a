"""The words of a deed in each of its languages.

They are not taken from the translation catalogue: a deed is printed in three languages from one frozen content and must come out
the same when it is made again years later, whatever a translator has improved since. Digits are Latin everywhere, as on the
pages: a serial number, a quantity and a check code must look the same to everybody who compares two of the papers.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class KindWording:
    """What differs between handing over and taking back."""

    title: str
    giver: str
    receiver: str
    opening: str
    taken: str


@dataclass(frozen=True)
class Wording:
    """The fixed texts of one language; names in braces are filled by the deed."""

    direction: str
    kinds: Mapping[str, KindWording]
    number: str
    issued: str
    purpose: str
    cohort: str
    use: str
    retransfer_allowed: str
    retransfer_refused: str
    inspection: str
    return_due: str
    no_return_due: str
    terms: str
    equipment: str
    position: str
    tag: str
    item: str
    serial: str
    expires: str
    quantity: str
    condition: str
    refused: str
    missing: str
    sum: str
    reason: str
    note: str
    received_in: str
    conditions: Mapping[str, str]
    signed_for: str
    signed: str
    by_hand: tuple[str, str, str]
    drawn: str
    hash: str
    check_code: str
    kept: str
    page: tuple[str, str]
    demonstration: str


EN = Wording(
    direction="ltr",
    kinds={
        "handover": KindWording(
            title="Deed of handover",
            giver="Handed over by",
            receiver="Received by",
            opening="{giver} hands over to {receiver} the equipment listed in this deed.",
            taken="Accepted",
        ),
        "return": KindWording(
            title="Deed of return",
            giver="Returned by",
            receiver="Taken back by",
            opening="{giver} returns to {receiver} the equipment listed in this deed.",
            taken="Returned",
        ),
    },
    number="Number",
    issued="Issued on",
    purpose="Purpose: {purpose}",
    cohort="It is handed over in connection with cohort {cohort}.",
    use="It is to be used as follows: {use}",
    retransfer_allowed="It may be passed on to others under the same terms.",
    retransfer_refused="It may not be passed on to others without the written consent of {giver}.",
    inspection="{giver} may inspect it, with the records of its use, after giving notice.",
    return_due="It is to be returned by {date}.",
    no_return_due="No day of return is agreed.",
    terms="Purpose and terms",
    equipment="Equipment",
    position="No.",
    tag="Tag",
    item="Item",
    serial="Serial or lot",
    expires="expires {date}",
    quantity="Quantity",
    condition="Condition",
    refused="Refused",
    missing="Missing",
    sum="In all",
    reason="Reason: {reason}",
    note="Note: {note}",
    received_in="Received in condition {condition}",
    conditions={
        "A": "new or as new",
        "B": "serviceable",
        "C": "serviceable with limits",
        "D": "unserviceable, can be repaired",
        "E": "beyond repair",
        "U": "not inspected",
    },
    signed_for="For {party}",
    signed="Signed on {date}",
    by_hand=("Name", "Title", "Date"),
    drawn="Both signatures were drawn by hand on one screen, for exactly the content with the check code {code}. "
    "They are evidence of what changed hands; they are not qualified electronic signatures.",
    hash="SHA-256 of the content",
    check_code="Check code",
    kept="The register that keeps this deed: {address}",
    page=("Page", "of"),
    demonstration="Demonstration – not a valid deed",
)

FR = Wording(
    direction="ltr",
    kinds={
        "handover": KindWording(
            title="Procès-verbal de remise",
            giver="Remis par",
            receiver="Reçu par",
            opening="{giver} remet à {receiver} le matériel énuméré dans le présent procès-verbal.",
            taken="Accepté",
        ),
        "return": KindWording(
            title="Procès-verbal de restitution",
            giver="Restitué par",
            receiver="Repris par",
            opening="{giver} restitue à {receiver} le matériel énuméré dans le présent procès-verbal.",
            taken="Restitué",
        ),
    },
    number="Numéro",
    issued="Établi le",
    purpose="Objet\u202f: {purpose}",
    cohort="La remise a lieu dans le cadre de la promotion {cohort}.",
    use="Usage prévu\u202f: {use}",
    retransfer_allowed="Le matériel peut être cédé à des tiers aux mêmes conditions.",
    retransfer_refused="Le matériel ne peut être cédé à des tiers sans l’accord écrit de {giver}.",
    inspection="{giver} peut l’inspecter, ainsi que les registres de son emploi, après en avoir donné avis.",
    return_due="Il doit être restitué au plus tard le {date}.",
    no_return_due="Aucune date de restitution n’est convenue.",
    terms="Objet et conditions",
    equipment="Matériel",
    position="N°",
    tag="Étiquette",
    item="Article",
    serial="Série ou lot",
    expires="expire le {date}",
    quantity="Quantité",
    condition="État",
    refused="Refusé",
    missing="Manquant",
    sum="Total",
    reason="Motif\u202f: {reason}",
    note="Note\u202f: {note}",
    received_in="Reçu dans l’état {condition}",
    conditions={
        "A": "neuf ou comme neuf",
        "B": "en état de service",
        "C": "en état de service, avec restrictions",
        "D": "hors service, réparable",
        "E": "irréparable",
        "U": "non inspecté",
    },
    signed_for="Pour {party}",
    signed="Signé le {date}",
    by_hand=("Nom", "Fonction", "Date"),
    drawn="Les deux signatures ont été tracées à la main sur un même écran, pour le contenu exact portant le code de contrôle {code}. "
    "Elles prouvent ce qui a changé de mains\u202f; ce ne sont pas des signatures électroniques qualifiées.",
    hash="SHA-256 du contenu",
    check_code="Code de contrôle",
    kept="Le registre qui conserve ce procès-verbal\u202f: {address}",
    page=("Page", "sur"),
    demonstration="Démonstration – procès-verbal non valable",
)

AR = Wording(
    direction="rtl",
    kinds={
        "handover": KindWording(
            title="محضر تسليم",
            giver="الجهة المسلمة",
            receiver="الجهة المستلمة",
            opening="تم تسليم المعدات المدرجة في هذا المحضر من {giver} إلى {receiver}.",
            taken="مقبول",
        ),
        "return": KindWording(
            title="محضر استرجاع",
            giver="الجهة المعيدة",
            receiver="الجهة المسترجعة",
            opening="تمت إعادة المعدات المدرجة في هذا المحضر من {giver} إلى {receiver}.",
            taken="معاد",
        ),
    },
    number="الرقم",
    issued="تاريخ الإصدار",
    purpose="الغرض: {purpose}",
    cohort="يجري التسليم في إطار الدفعة {cohort}.",
    use="الاستخدام المقرر: {use}",
    retransfer_allowed="يجوز نقل المعدات إلى الغير بالشروط نفسها.",
    retransfer_refused="لا يجوز نقل المعدات إلى الغير دون موافقة خطية من {giver}.",
    inspection="من حق {giver} معاينة المعدات وسجلات استخدامها بعد إشعار مسبق.",
    return_due="تعاد المعدات في موعد أقصاه {date}.",
    no_return_due="لم يتفق على موعد للإعادة.",
    terms="الغرض والشروط",
    equipment="المعدات",
    position="م",
    tag="رقم القطعة",
    item="الصنف",
    serial="الرقم التسلسلي أو التشغيلة",
    expires="تنتهي في {date}",
    quantity="الكمية",
    condition="الحالة",
    refused="مرفوض",
    missing="ناقص",
    sum="المجموع",
    reason="السبب: {reason}",
    note="ملاحظة: {note}",
    received_in="استلم بالحالة {condition}",
    conditions={
        "A": "جديد أو كالجديد",
        "B": "صالح للخدمة",
        "C": "صالح للخدمة بقيود",
        "D": "غير صالح، قابل للإصلاح",
        "E": "غير قابل للإصلاح",
        "U": "لم يفحص",
    },
    signed_for="عن {party}",
    signed="تاريخ التوقيع: {date}",
    by_hand=("الاسم", "الصفة", "التاريخ"),
    drawn="رسم التوقيعان باليد على شاشة واحدة، على المحتوى ذي رمز التحقق {code} دون غيره. "
    "وهما دليل على ما جرى تسليمه، وليسا توقيعين إلكترونيين مؤهلين.",
    hash="بصمة المحتوى SHA-256",
    check_code="رمز التحقق",
    kept="السجل الذي يحفظ هذا المحضر: {address}",
    page=("صفحة", "من"),
    demonstration="نسخة للعرض – ليست محضرا صالحا",
)

WORDINGS = {"en": EN, "fr": FR, "ar": AR}
