"""The partner agencies of the demonstration, and what each signed; days are counted from the day on which it is built."""

from dataclasses import dataclass

from accounts.models import AgencyKind

RESPONSE = ("medical", "mass_casualty", "usar")
ALL_DOMAINS = (*RESPONSE, "cyber")


@dataclass(frozen=True)
class DemoAgreement:
    """One agreement: domains, seats a year, and on which days from today it begins and ends."""

    domains: tuple[str, ...]
    seats: int
    begins: int
    ends: int


@dataclass(frozen=True)
class DemoAgency:
    """One partner agency, its officer, how many people it has on record, and its agreements."""

    code: str
    names: dict[str, str]
    country: str
    kind: AgencyKind
    contact: str
    officer: str
    people: int
    agreements: tuple[DemoAgreement, ...]

    @property
    def domain(self) -> str:
        """The part of its addresses behind the @."""
        return f"{self.code.lower()}.example"


DEMO_AGENCIES = (
    DemoAgency(
        "CPD",
        {
            "en": "Civil Protection Directorate",
            "ar": "مديرية الحماية المدنية",
            "fr": "Direction de la protection civile",
        },
        "JO",
        AgencyKind.CIVIL_PROTECTION,
        "Abeer Al-Tal",
        "Abeer Al-Tal",
        120,
        (DemoAgreement(RESPONSE, 40, -1500, -420), DemoAgreement(ALL_DOMAINS, 80, -419, 1041)),
    ),
    DemoAgency(
        "UHO",
        {
            "en": "University Hospital",
            "ar": "مستشفى الجامعة",
            "fr": "Hôpital universitaire",
        },
        "JO",
        AgencyKind.HOSPITAL,
        "Wafa Sharaiha",
        "Wafa Sharaiha",
        36,
        (DemoAgreement(("medical", "mass_casualty", "cyber"), 30, -1010, 84),),
    ),
    DemoAgency(
        "AFET",
        {
            "en": "Disaster Coordination Office of the Aegean",
            "ar": "مكتب تنسيق الكوارث في بحر إيجة",
            "fr": "Bureau égéen de coordination des catastrophes",
        },
        "TR",
        AgencyKind.CIVIL_PROTECTION,
        "Nilüfer Arslan",
        "Nilüfer Arslan",
        40,
        (DemoAgreement(RESPONSE, 40, -900, 925),),
    ),
    DemoAgency(
        "SGM",
        {
            "en": "Cyber Security Centre",
            "ar": "مركز الأمن السيبراني",
            "fr": "Centre de cybersécurité",
        },
        "TR",
        AgencyKind.CYBER_CENTRE,
        "Tolga Er",
        "Tolga Er",
        24,
        (DemoAgreement(("cyber",), 20, -300, 430),),
    ),
    DemoAgency(
        "BNSP",
        {
            "en": "National Fire Brigade",
            "ar": "اللواء الوطني للإطفاء",
            "fr": "Brigade nationale des sapeurs-pompiers",
        },
        "SN",
        AgencyKind.FIRE_AND_RESCUE,
        "Astou Dieng",
        "Astou Dieng",
        40,
        (DemoAgreement(RESPONSE, 30, -700, 395),),
    ),
    DemoAgency(
        "BPBD",
        {
            "en": "Regional Disaster Agency",
            "ar": "الوكالة الإقليمية للكوارث",
            "fr": "Agence régionale des catastrophes",
        },
        "ID",
        AgencyKind.CIVIL_PROTECTION,
        "Ratih Wibisono",
        "Ratih Wibisono",
        30,
        (DemoAgreement(("medical", "mass_casualty"), 12, -1130, -35),),
    ),
)
