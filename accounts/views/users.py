"""Users: who can sign in, as what; inviting, changing, closing and opening accounts."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, case, func, literal, or_, select

from accounts.forms.users import EditUserForm, InviteForm, ReasonForm
from accounts.labels import ROLE_LABELS, USER_STATE_LABELS, USER_STATE_TONES, UserState
from accounts.models import Agency, Person, User, UserRole, UserSession
from accounts.permissions import Permission, Role
from accounts.services import users
from accounts.services.agencies import list_open_agencies
from accounts.views.badges import make_badge
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _, listed, text_in
from foundation.paging import page_of_request

bp = Blueprint("users", __name__, url_prefix="/users")

_STATE = case(
    (User.disabled_at.is_not(None), literal(UserState.DISABLED.value)),
    (User.password_hash.is_(None), literal(UserState.INVITED.value)),
    else_=literal(UserState.ACTIVE.value),
)


@bp.get("", endpoint="list")
@requires(Permission.USER_MANAGE)
def list_users() -> ResponseReturnValue:
    """List the accounts, filtered by role, agency and state."""
    query = _filtered(
        select(User.id, User.name, User.email, _STATE.label("state"), Agency.code.label("agency_code"))
        .outerjoin(Agency, Agency.id == User.agency_id)
        .where(User.is_service.is_(False))
    )
    page = page_of_request(
        query, sorts={"name": [User.name, User.id], "email": [User.email, User.id]}, default="name"
    )
    agencies = list_open_agencies()
    return render_template(
        "accounts/users/list.html",
        page=page,
        roles_of=_roles_of([row.id for row in page.rows]),
        role_choices=[(role.value, label) for role, label in ROLE_LABELS.items()],
        agency_choices=[(agency.code, f"{agency.code} · {text_in(agency.names)}") for agency in agencies],
        state_choices=[(state.value, label) for state, label in USER_STATE_LABELS.items()],
        state_badges={
            state.value: make_badge(label, USER_STATE_TONES[state])
            for state, label in USER_STATE_LABELS.items()
        },
        user_url=url_for("users.show", app_user_id=0)[:-1],
    )


@bp.route("/invite", methods=["GET", "POST"])
@requires(Permission.USER_MANAGE)
def invite() -> ResponseReturnValue:
    """Invite somebody: make the account and mail him the link."""
    form = InviteForm()
    form.offer(list_open_agencies())
    if request.method == "GET":
        _suggest(form)
    if form.validate_on_submit():
        wanted = form.result()
        with form.showing(DomainError):
            user = users.invite(
                email=wanted.email,
                name=wanted.name,
                function=wanted.function,
                roles=wanted.roles,
                agency=_agency(wanted.agency_id),
                person=_person(wanted.person_ref),
                language=wanted.language,
                time_zone=g.viewer.time_zone,
                actor=g.viewer,
            )
            flash(_("The invitation to %(email)s is on its way.", email=user.email), "success")
            return redirect(url_for("users.show", app_user_id=user.id), 303)
    return render_form("accounts/users/invite.html", form)


@bp.get("/<int:app_user_id>")
@requires(Permission.USER_MANAGE, on=User)
def show(app_user: User) -> ResponseReturnValue:
    """Show one account: what it may do, where it belongs, when it was last used."""
    state = _state_of(app_user)
    return render_template(
        "accounts/users/show.html",
        app_user=app_user,
        state=(USER_STATE_LABELS[state], USER_STATE_TONES[state]),
        roles=[label for role, label in ROLE_LABELS.items() if role in app_user.roles],
        is_own=app_user.id == g.viewer.id,
        **_use_of(app_user),
    )


@bp.route("/<int:app_user_id>/edit", methods=["GET", "POST"])
@requires(Permission.USER_MANAGE, on=User)
def edit(app_user: User) -> ResponseReturnValue:
    """Change an account's name, function, roles and agency."""
    form = EditUserForm()
    form.offer(list_open_agencies())
    if request.method == "GET":
        form.show(app_user)
    if form.validate_on_submit():
        with form.showing(DomainError):
            users.edit_user(
                app_user,
                name=form.name.data or "",
                function=form.function.data,
                roles=form.chosen_roles(),
                agency=_agency(form.chosen_agency_id()),
                actor=g.viewer,
            )
            flash(_("The account of %(name)s is saved.", name=app_user.name), "success")
            return redirect(url_for("users.show", app_user_id=app_user.id), 303)
    return render_form("accounts/users/edit.html", form, app_user=app_user)


@bp.route("/<int:app_user_id>/disable", methods=["GET", "POST"])
@requires(Permission.USER_MANAGE, on=User)
def disable(app_user: User) -> ResponseReturnValue:
    """Close an account at once."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            users.disable(app_user, reason=form.reason.data or "", actor=g.viewer)
            flash(_("The account of %(name)s is disabled.", name=app_user.name), "success")
            return redirect(url_for("users.show", app_user_id=app_user.id), 303)
    return render_form("accounts/users/disable.html", form, app_user=app_user)


@bp.post("/<int:app_user_id>/enable")
@requires(Permission.USER_MANAGE, on=User)
def enable(app_user: User) -> ResponseReturnValue:
    """Open a disabled account again."""
    users.enable(app_user, actor=g.viewer)
    flash(_("The account of %(name)s is open again.", name=app_user.name), "success")
    return redirect(url_for("users.show", app_user_id=app_user.id), 303)


@bp.post("/<int:app_user_id>/invite-again")
@requires(Permission.USER_MANAGE, on=User)
def invite_again(app_user: User) -> ResponseReturnValue:
    """Mail a fresh invitation."""
    users.invite_again(app_user, actor=g.viewer)
    flash(_("A fresh invitation to %(email)s is on its way.", email=app_user.email), "success")
    return redirect(url_for("users.show", app_user_id=app_user.id), 303)


def _filtered(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    text = " ".join(request.args.get("q", "")[:100].split())
    if text:
        wanted = f"%{text.casefold()}%"
        query = query.where(
            or_(func.lower(User.name).like(wanted), User.email.like(wanted), Agency.code == text.upper())
        )
    if request.args.get("role") in set(Role):
        query = query.where(
            select(UserRole.id)
            .where(UserRole.user_id == User.id, UserRole.role == Role(request.args["role"]))
            .exists()
        )
    if request.args.get("agency"):
        query = query.where(Agency.code == request.args["agency"])
    if request.args.get("state") in set(UserState):
        query = query.where(_STATE == request.args["state"])  # noqa: SIM300  # a column, compared in the database
    return query


def _roles_of(user_ids: list[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(user_ids))
    ).all()
    held: dict[int, set[Role]] = {}
    for row in rows:
        held.setdefault(row.user_id, set()).add(Role(row.role))
    labels = {role: str(label) for role, label in ROLE_LABELS.items()}
    return {
        user_id: listed(label for role, label in labels.items() if role in roles)
        for user_id, roles in held.items()
    }


def _suggest(form: InviteForm) -> None:
    """Fill in what the page that led here knows of the person."""
    person = _person(request.args.get("person"))
    if person is None:
        return
    form.person.data = person.public_ref
    form.name.data = person.latin_name
    form.email.data = person.email
    form.roles.data = [Role.TRAINEE.value]
    if len(person.agency_ids) == 1:
        form.agency.data = str(next(iter(person.agency_ids)))


def _agency(agency_id: int | None) -> Agency | None:
    return db.session.get(Agency, agency_id) if agency_id is not None else None


def _person(ref: str | None) -> Person | None:
    if not ref:
        return None
    return db.session.execute(select(Person).where(Person.public_ref == ref.upper())).scalar_one_or_none()


def _state_of(user: User) -> UserState:
    if user.disabled_at is not None:
        return UserState.DISABLED
    return UserState.INVITED if user.password_hash is None else UserState.ACTIVE


def _use_of(user: User) -> dict[str, Any]:
    now = clock.now()
    last_seen_at, open_sessions = db.session.execute(
        select(
            func.max(UserSession.last_seen_at),
            func.count().filter(UserSession.ended_at.is_(None), UserSession.expires_at > now),
        ).where(UserSession.user_id == user.id)
    ).one()
    return {"last_seen_at": last_seen_at, "open_sessions": open_sessions}
