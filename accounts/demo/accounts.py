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


DEMO_ACCOUNTS = (
    DemoAccount("manager@host.example", Role.PROGRAMME_MANAGER),
    DemoAccount("director@host.example", Role.COURSE_DIRECTOR),
    DemoAccount("lead@host.example", Role.LEAD_INSTRUCTOR),
    DemoAccount("instructor@host.example", Role.INSTRUCTOR),
    DemoAccount("official@host.example", Role.CERTIFYING_OFFICIAL),
    DemoAccount("reviewer@host.example", Role.APPEAL_REVIEWER),
    DemoAccount("medical@host.example", Role.MEDICAL_REVIEWER),
    DemoAccount("vetting@host.example", Role.VETTING_OFFICER),
    DemoAccount("quartermaster@host.example", Role.QUARTERMASTER),
    DemoAccount("auditor@host.example", Role.AUDITOR),
    DemoAccount("admin@host.example", Role.ADMINISTRATOR),
    DemoAccount("officer@cpd.example", Role.AGENCY_OFFICER, "CPD"),
    DemoAccount("officer@uho.example", Role.AGENCY_OFFICER, "UHO"),
    DemoAccount("trainee@cpd.example", Role.TRAINEE, "CPD"),
)
