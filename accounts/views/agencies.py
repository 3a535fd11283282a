"""Partner agencies: the list, one agency with its agreements and contacts, registering and editing."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from accounts.forms.agencies import EditAgencyForm, NewAgencyForm
from accounts.forms.users import ReasonForm
from accounts.labels import AGENCY_KIND_LABELS, DOMAIN_LABELS, country_choices
from accounts.models import Agency, AgencyKind, Agreement, User, UserRole
from accounts.navigation import agency_tab_items
from accounts.permissions import Permission, Role
from accounts.services import affiliations, agencies
from accounts.views.badges import make_badge
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _, country_name, listed, pgettext, text_in
from foundation.paging import page_of_request

bp = Blueprint("agencies", __name__, url_prefix="/agencies")
bp.add_app_template_global(agency_tab_items, "agency_tab_items")


@bp.get("", endpoint="list")
@requires(Permission.AGENCY_READ)
def list_agencies() -> ResponseReturnValue:
    """List the agencies in sight, by country and kind, with the agreement that is in force."""
    today = clock.today()
    in_force = (
        select(func.max(Agreement.ends_on))
        .where(Agreement.agency_id == Agency.id, Agreement.starts_on <= today)
        .correlate(Agency)
        .scalar_subquery()
    )
    query = select(
        Agency.id,
        Agency.code,
        Agency.names,
        Agency.country,
        Agency.kind,
        Agency.closed_at,
        in_force.label("until"),
    ).where(visible(Agency, g.viewer))
    if request.args.get("country"):
        query = query.where(Agency.country == request.args["country"][:2])
    if request.args.get("kind") in set(AgencyKind):
        query = query.where(Agency.kind == AgencyKind(request.args["kind"]))
    text = " ".join(request.args.get("q", "")[:100].split())
    if text:
        query = query.where(or_(Agency.code == text.upper(), names_like(text)))
    page = page_of_request(
        query, sorts={"code": [Agency.code], "country": [Agency.country, Agency.code]}, default="code"
    )
    countries = set(
        db.session.execute(select(Agency.country).where(visible(Agency, g.viewer)).distinct()).scalars()
    )
    return render_template(
        "accounts/agencies/list.html",
        page=page,
        rows=[
            row._asdict() | {"name": text_in(row.names), "country_name": country_name(row.country)}
            for row in page.rows
        ],
        kinds={kind: str(label) for kind, label in AGENCY_KIND_LABELS.items()},
        countries=[pair for pair in country_choices() if pair[0] in countries],
        today=today,
        badges=_badges(),
        agency_url=url_for("agencies.show", agency_id=0)[:-1],
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.AGENCY_MANAGE)
def new() -> ResponseReturnValue:
    """Register a partner agency."""
    form = NewAgencyForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            agency = agencies.register_agency(form.code.data or "", form.result(), actor=g.viewer)
            flash(_("The agency %(code)s is registered.", code=agency.code), "success")
            return redirect(url_for("agencies.show", agency_id=agency.id), 303)
    return render_form("accounts/agencies/new.html", form)


@bp.get("/<int:agency_id>")
@requires(Permission.AGENCY_READ, on=Agency)
def show(agency: Agency) -> ResponseReturnValue:
    """Show one agency: facts, agreements, contacts, who signs in for it."""
    today = clock.today()
    officers = db.session.execute(
        select(User.id, User.name, User.email)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.agency_id == agency.id,
            UserRole.role == Role.AGENCY_OFFICER,
            User.disabled_at.is_(None),
            User.is_service.is_(False),
        )
        .order_by(User.name)
        .limit(50)
    ).all()
    return render_template(
        "accounts/agencies/show.html",
        agency=agency,
        kind=AGENCY_KIND_LABELS[agency.kind],
        agreements=[_agreement_line(agreement, today) for agreement in agency.agreements],
        officers=officers,
        person_count=affiliations.count_serving(agency, on=today),
    )


@bp.route("/<int:agency_id>/edit", methods=["GET", "POST"])
@requires(Permission.AGENCY_MANAGE, on=Agency)
def edit(agency: Agency) -> ResponseReturnValue:
    """Change what is known of an agency."""
    form = EditAgencyForm()
    if request.method == "GET":
        form.show(agency)
    if form.validate_on_submit():
        with form.showing(DomainError):
            agencies.edit_agency(agency, form.result(), actor=g.viewer)
            flash(_("The agency %(code)s is saved.", code=agency.code), "success")
            return redirect(url_for("agencies.show", agency_id=agency.id), 303)
    return render_form("accounts/agencies/edit.html", form, agency=agency)


@bp.route("/<int:agency_id>/close", methods=["GET", "POST"])
@requires(Permission.AGENCY_MANAGE, on=Agency)
def close(agency: Agency) -> ResponseReturnValue:
    """End the partnership with an agency."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            agencies.close_agency(agency, reason=form.reason.data or "", actor=g.viewer)
            flash(_("The agency %(code)s is closed.", code=agency.code), "success")
            return redirect(url_for("agencies.show", agency_id=agency.id), 303)
    return render_form("accounts/agencies/close.html", form, agency=agency)


@bp.post("/<int:agency_id>/reopen")
@requires(Permission.AGENCY_MANAGE, on=Agency)
def reopen(agency: Agency) -> ResponseReturnValue:
    """Take the partnership up again."""
    agencies.reopen_agency(agency, actor=g.viewer)
    flash(_("The agency %(code)s is open again.", code=agency.code), "success")
    return redirect(url_for("agencies.show", agency_id=agency.id), 303)


def names_like(text: str) -> Any:
    """Return the condition that an agency's name in any language contains a text."""
    wanted = f"%{text.casefold()}%"
    return or_(*(func.lower(Agency.names[code].as_string()).like(wanted) for code in ("en", "ar", "fr")))


def _badges() -> dict[str, Any]:
    return {
        "in_force": make_badge(_("Agreement in force"), "ok"),
        "expired": make_badge(_("Agreement expired"), "warn"),
        "none": make_badge(_("No agreement"), "neutral"),
        "closed": make_badge(pgettext("agency", "Closed"), "neutral"),
    }


def _agreement_line(agreement: Agreement, today: Any) -> dict[str, Any]:
    if agreement.starts_on > today:
        state = (_("Not yet in force"), "info")
    elif agreement.ends_on < today:
        state = (_("Expired"), "neutral")
    else:
        state = (_("In force"), "ok")
    return {
        "row": agreement,
        "state": state,
        "domains": listed(DOMAIN_LABELS.get(domain, domain) for domain in agreement.domains),
    }
