"""The accounts of the demonstration: who they are, and the one password they share.

The password is far too weak for the rules of `accounts.passwords`; the loader hashes it directly, and signing in refuses it
wherever the demonstration is not allowed.
"""

from dataclasses import dataclass

from accounts.permissions import Role

DEMO_PASSWORD = "ijaza-demo"  # noqa: S105  # published on the sign-in page


@dataclass(frozen=True)
class DemoAccount:
    """One way into the demonstration: address, role, and the agency's code for those who belong to one."""

    email: str
    role: Role
    agency_code: str | None = None
    name: str = ""
    native_name: str | None = None
    function: str | None = None


# Offered on the sign-in page; the trainee's name is that of his person.
DEMO_ACCOUNTS = (
    DemoAccount(
        "manager@host.example",
        Role.PROGRAMME_MANAGER,
        name="Nadim Al-Fayez",
        native_name="نديم الفايز",
        function="Head of partner programmes",
    ),
    DemoAccount(
        "director@host.example",
        Role.COURSE_DIRECTOR,
        name="Samar Al-Najdawi",
        native_name="سمر النجداوي",
        function="Director of medical courses",
    ),
    DemoAccount(
        "lead@host.example",
        Role.LEAD_INSTRUCTOR,
        name="Hisham Dabbas",
        native_name="هشام دباس",
        function="Lead instructor",
    ),
    DemoAccount(
        "instructor@host.example",
        Role.INSTRUCTOR,
        name="Claire Rousseau",
        native_name="كلير روسو",
        function="Instructor, emergency nursing",
    ),
    DemoAccount(
        "official@host.example",
        Role.CERTIFYING_OFFICIAL,
        name="Ghassan Al-Majali",
        native_name="غسان المجالي",
        function="Deputy director general",
    ),
    DemoAccount(
        "reviewer@host.example",
        Role.APPEAL_REVIEWER,
        name="Maysoon Tell",
        native_name="ميسون التل",
        function="Examinations counsel",
    ),
    DemoAccount(
        "medical@host.example",
        Role.MEDICAL_REVIEWER,
        name="Ayman Sukkar",
        native_name="أيمن سكر",
        function="Chief medical officer",
    ),
    DemoAccount(
        "vetting@host.example",
        Role.VETTING_OFFICER,
        name="Rula Ensour",
        native_name="رولا النسور",
        function="Security office",
    ),
    DemoAccount(
        "quartermaster@host.example",
        Role.QUARTERMASTER,
        name="Jamal Bani Hani",
        native_name="جمال بني هاني",
        function="Stores, central depot",
    ),
    DemoAccount(
        "auditor@host.example",
        Role.AUDITOR,
        name="Ines Haddadin",
        native_name="إيناس حدادين",
        function="Inspectorate",
    ),
    DemoAccount(
        "admin@host.example",
        Role.ADMINISTRATOR,
        name="Zaid Khasawneh",
        native_name="زيد خصاونة",
        function="Information systems",
    ),
    DemoAccount(
        "officer@cpd.example",
        Role.AGENCY_OFFICER,
        "CPD",
        name="Abeer Al-Tal",
        native_name="عبير التل",
        function="Training office",
    ),
    DemoAccount(
        "officer@uho.example",
        Role.AGENCY_OFFICER,
        "UHO",
        name="Wafa Sharaiha",
        native_name="وفاء شرايحة",
        function="Staff development",
    ),
    DemoAccount("trainee@cpd.example", Role.TRAINEE, "CPD"),
)

# People the story needs and nobody has to sign in as.
DEMO_COLLEAGUES = (
    DemoAccount(
        "rescue.director@host.example",
        Role.COURSE_DIRECTOR,
        name="Khaldoun Zreiqat",
        native_name="خلدون زريقات",
        function="Director of rescue courses",
    ),
    DemoAccount(
        "second.lead@host.example",
        Role.LEAD_INSTRUCTOR,
        name="Lamis Abu Ghazaleh",
        native_name="لميس أبو غزالة",
        function="Lead instructor",
    ),
    DemoAccount(
        "paramedic@host.example",
        Role.INSTRUCTOR,
        name="Marwan Rabadi",
        native_name="مروان ربضي",
        function="Instructor, pre-hospital care",
    ),
    DemoAccount(
        "engineer@host.example",
        Role.INSTRUCTOR,
        name="Deniz Aksoy",
        native_name="دنيز أكسوي",
        function="Instructor, structural engineering",
    ),
    DemoAccount(
        "assistant@host.example",
        Role.INSTRUCTOR,
        name="Yusra Malkawi",
        native_name="يسرى ملكاوي",
        function="Assistant instructor",
    ),
)

# Invited, and the letter not answered yet.
DEMO_NEWCOMER = DemoAccount(
    "newcomer@host.example",
    Role.INSTRUCTOR,
    name="Tala Nimri",
    native_name="تالا نمري",
    function="Instructor, from next month",
)
