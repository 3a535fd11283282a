"""`users invite`: the first administrator, and whoever is invited from a terminal."""

import click

from accounts.permissions import Role
from accounts.services import users
from accounts.services.agencies import find_agency
from accounts.services.persons import find_person
from foundation.commands import answer, domain_command, json_option, refuse
from foundation.i18n import LANGUAGES


@click.group("users")
def users_group() -> None:
    """Accounts."""


@users_group.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="Repeat for several.",
)
@click.option("--agency", "agency_code", help="Code of the agency, for officers and trainees.")
@click.option("--person", "person_ref", help="Reference of the person's record, for trainees.")
@click.option("--language", default="en", type=click.Choice(LANGUAGES), help="Language of the invitation.")
@json_option
@domain_command
def invite(
    email: str,
    name: str,
    roles: tuple[str, ...],
    agency_code: str | None,
    person_ref: str | None,
    language: str,
    as_json: bool,
) -> None:
    """Invite EMAIL: make the account and mail the link with which its owner sets a password."""
    agency = find_agency(agency_code) if agency_code else None
    if agency_code and agency is None:
        refuse(f"There is no agency with the code {agency_code}.")
    person = find_person(person_ref) if person_ref else None
    if person_ref and person is None:
        refuse(f"There is no person with the reference {person_ref}.")
    user = users.invite(
        email=email,
        name=name,
        roles=[Role(role) for role in roles],
        agency=agency,
        person=person,
        language=language,
        actor=None,
    )
    document = {"email": user.email, "name": user.name, "roles": sorted(user.roles), "agency": agency_code}
    answer(document, as_json=as_json, text=f"The invitation to {user.email} is on its way.")
