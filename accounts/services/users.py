"""Accounts: inviting people, giving and taking roles, closing and opening the door."""

from collections.abc import Iterable

from sqlalchemy import func, select

from accounts import throttles, tokens
from accounts.models import Agency, Person, User, UserRole
from accounts.permissions import Role
from accounts.services.credentials import RESET_ASKED, find_user_by_email, tidy_email
from accounts.sessions import end_all_sessions
from accounts.tokens import LinkPurpose
from foundation import audit, clock, mail
from foundation.db import conflict_as, db, reading
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _
from foundation.jobs import enqueue

AGENCY_ROLES = frozenset({Role.AGENCY_OFFICER, Role.TRAINEE})


class EmailTaken(DomainConflict):
    """Another account has this address."""


class RolesDoNotFit(DomainError):
    """The roles contradict each other, or what the account belongs to."""


class LastAdministrator(DomainConflict):
    """Without him nobody could manage users any more."""


class OwnAccount(Forbidden):
    """Nobody decides about his own roles and access."""


def invite(
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    agency: Agency | None,
    actor: User | None,
    person: Person | None = None,
    native_name: str | None = None,
    function: str | None = None,
    language: str = "en",
    time_zone: str = "UTC",
) -> User:
    """Make an account without a password and send its owner the link to set one.

    `actor` None is the operator at the command line. Raises EmailTaken, RolesDoNotFit.
    """
    wanted = _fitting(roles, agency, person)
    user = User(
        email=tidy_email(email),
        name=name,
        native_name=native_name,
        function=function,
        language=language,
        time_zone=time_zone,
        agency_id=agency.id if agency else None,
        person_id=person.id if person else None,
        created_at=clock.now(),
        invited_at=clock.now(),
        role_rows=[UserRole(role=role) for role in sorted(wanted)],
    )
    taken = EmailTaken(
        _("An account with this address exists already. Look for it in the list of users."), field="email"
    )
    with conflict_as("uq_app_user_email", taken):
        db.session.add(user)
    audit.record(
        "user:invited",
        user,
        actor=actor,
        changes={"email": (None, user.email), "name": (None, name), "roles": (None, sorted(wanted))},
        personal={"email", "name"},
    )
    _mail_link(user, LinkPurpose.INVITATION)
    return user


def invite_again(user: User, *, actor: User) -> None:
    """Send a fresh invitation; links sent before stop working. Raises DomainConflict when it was accepted already."""
    if user.password_hash is not None or user.disabled_at is not None or user.is_service:
        raise DomainConflict(_("This account is no longer waiting for an invitation to be accepted."))
    user.credential_version += 1
    user.invited_at = clock.now()
    audit.record("user:invited_again", user, actor=actor)
    _mail_link(user, LinkPurpose.INVITATION)


def edit_user(
    user: User, *, name: str, function: str | None, roles: Iterable[Role], agency: Agency | None, actor: User
) -> None:
    """Change what an account is called, what it may do and where it belongs.

    Roles and agency of one's own account are another administrator's decision. Raises OwnAccount, LastAdministrator,
    RolesDoNotFit.
    """
    wanted = _fitting(roles, agency, user.person)
    agency_id = agency.id if agency else None
    before = user.roles
    if user.id == actor.id and (wanted != before or agency_id != user.agency_id):
        raise OwnAccount(_("Another administrator has to change your own roles."), field="roles")
    if Role.ADMINISTRATOR in before - wanted:
        _refuse_last_administrator(user)
    changes = audit.changes_of(user, name=name, function=function, agency_id=agency_id)
    if wanted != before:
        _set_roles(user, wanted)
        changes["roles"] = (sorted(before), sorted(wanted))
        # What a page shows and what a phone has stored was made for the old roles.
        end_all_sessions(user)
    if changes:
        audit.record("user:changed", user, actor=actor, changes=changes, personal={"name", "function"})


def disable(user: User, *, reason: str, actor: User) -> None:
    """Close an account at once: its sessions end, its links die. Raises OwnAccount, LastAdministrator."""
    if user.disabled_at is not None:
        raise DomainConflict(_("This account is disabled already."))
    if user.id == actor.id:
        raise OwnAccount(_("You cannot disable your own account."))
    if user.has(Role.ADMINISTRATOR):
        _refuse_last_administrator(user)
    user.disabled_at = clock.now()
    user.credential_version += 1
    end_all_sessions(user)
    audit.record("user:disabled", user, actor=actor, reason=reason)


def enable(user: User, *, actor: User) -> None:
    """Open a disabled account again, with the password it had."""
    if user.disabled_at is None:
        raise DomainConflict(_("This account is not disabled."))
    user.disabled_at = None
    audit.record("user:enabled", user, actor=actor)


def set_preferences(user: User, *, language: str, time_zone: str) -> None:
    """Remember in which language and time zone a user reads. His own affair: it leaves no trail."""
    user.language = language
    user.time_zone = time_zone


def ask_reset(email: str) -> None:
    """Send a link for a new password to the account of an address, if there is one.

    The same rows are written for every address, so that neither answer nor time tells whether it is known. Raises
    TooMany.
    """
    key = throttles.address_key(email)
    with reading():
        throttles.refuse_too_fast(RESET_ASKED, key=key)
    throttles.remember_try(RESET_ASKED, key=key)
    user = find_user_by_email(email)
    enqueue("accounts.send_reset_link", user.id if user else 0)


def send_reset_link(user: User) -> None:
    """Mail a link for a new password, unless the account is closed or was never opened."""
    if user.disabled_at is None and user.password_hash is not None:
        _mail_link(user, LinkPurpose.RESET)


def count_active_administrators(*, but: User | None = None) -> int:
    """Return how many people could manage users, perhaps without one of them."""
    query = (
        select(func.count())
        .select_from(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == Role.ADMINISTRATOR, User.disabled_at.is_(None))
    )
    if but is not None:
        query = query.where(User.id != but.id)
    return db.session.execute(query).scalar_one()


def _fitting(roles: Iterable[Role], agency: Agency | None, person: Person | None) -> frozenset[Role]:
    wanted = frozenset(roles)
    if not wanted:
        raise RolesDoNotFit(_("Choose at least one role."), field="roles")
    if wanted & AGENCY_ROLES and wanted - AGENCY_ROLES:
        raise RolesDoNotFit(
            _("An account belongs either to the host service or to an agency, not to both."), field="roles"
        )
    if wanted & AGENCY_ROLES and agency is None:
        raise RolesDoNotFit(_("Choose the agency of this officer or trainee."), field="agency")
    if agency is not None and not wanted & AGENCY_ROLES:
        raise RolesDoNotFit(_("Staff of the host service belong to no agency."), field="agency")
    if Role.TRAINEE in wanted and (person is None or agency is None or agency.id not in person.agency_ids):
        raise RolesDoNotFit(
            _("A trainee's account needs his person's record, in the agency chosen here."), field="person"
        )
    return wanted


def _set_roles(user: User, wanted: frozenset[Role]) -> None:
    user.role_rows[:] = [row for row in user.role_rows if row.role in wanted]
    held = user.roles
    user.role_rows.extend(UserRole(role=role) for role in sorted(wanted - held))


def _refuse_last_administrator(user: User) -> None:
    # Two administrators who remove each other at once: the rows of all are held until the commit.
    db.session.execute(
        select(UserRole.id).where(UserRole.role == Role.ADMINISTRATOR).order_by(UserRole.id).with_for_update()
    ).all()
    if count_active_administrators(but=user) == 0:
        raise LastAdministrator(
            _("This is the last administrator. Make somebody else one first."), field="roles"
        )


def _mail_link(user: User, purpose: LinkPurpose) -> None:
    """Send a link to its owner, never to whoever asked for it."""
    letter = "invitation" if purpose is LinkPurpose.INVITATION else "password_reset"
    moment = clock.now().isoformat(timespec="microseconds")
    mail.send(
        letter,
        to=user.email,
        language=user.language,
        key=f"{letter}:{user.id}:{user.credential_version}:{moment}",
        addressee=user.name,
        link=tokens.make_link(user, purpose),
        hours=tokens.LIFE_SECONDS[purpose] // 3600,
        minutes=tokens.LIFE_SECONDS[purpose] // 60,
    )
