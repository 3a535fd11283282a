"""Persons: the list in sight, one person's record, registering, editing, and reading a document's number."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select

from accounts import fishing, navigation
from accounts.forms.persons import EditPersonForm, EndAffiliationForm, PersonForm
from accounts.labels import DOCUMENT_LABELS, NAME_KIND_LABELS, country_choices, language_name
from accounts.models import Affiliation, Agency, NameKind, Person, PersonName, User
from accounts.permissions import Permission, Role
from accounts.services import affiliations, identity_documents, persons
from accounts.services.agencies import list_open_agencies
from accounts.views.badges import make_badge
from foundation import clock
from foundation.access import log_access, requires, visible
from foundation.dated import not_over
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _, country_name, text_in
from foundation.paging import page_of_request

bp = Blueprint("persons", __name__, url_prefix="/persons")
bp.add_app_template_global(navigation.person_tab_items, "person_tab_items")


@bp.get("", endpoint="list")
@requires(Permission.PERSON_LIST)
def list_persons() -> ResponseReturnValue:
    """List the persons in sight: an officer's own, everybody for the host's staff."""
    today = clock.today()
    query = _filtered(
        select(
            Person.id,
            Person.family_name,
            Person.given_names,
            Person.native_name,
            Person.birth_date,
            Person.nationality,
            Person.rank,
        ).where(visible(Person, g.viewer)),
        today,
    )
    sorts = {
        "name": [Person.family_name, Person.given_names, Person.id],
        "given": [Person.given_names, Person.family_name, Person.id],
        "born": [Person.birth_date, Person.id],
    }
    page = page_of_request(query, sorts=sorts, default="name")
    countries = {row.nationality for row in page.rows if row.nationality}
    is_officer = g.viewer.has(Role.AGENCY_OFFICER)
    return render_template(
        "accounts/persons/list.html",
        page=page,
        agencies_of=_agencies_of([row.id for row in page.rows], today),
        country_names={code: country_name(code) for code in countries},
        is_officer=is_officer,
        agency_choices=[]
        if is_officer
        else [(agency.code, f"{agency.code} · {text_in(agency.names)}") for agency in list_open_agencies()],
        country_choices=country_choices(),
        badges={True: make_badge(_("Serving"), "ok"), False: make_badge(_("Left"), "neutral")},
        person_url=url_for("persons.show", person_id=0)[:-1],
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PERSON_EDIT)
def new() -> ResponseReturnValue:
    """Register a person of the own agency; somebody known already is added to it instead, and nothing of him is shown."""
    form = PersonForm()
    form.offer()
    if form.validate_on_submit():
        with form.showing(DomainError):
            person = _register(form)
            return redirect(url_for("persons.show", person_id=person.id), 303)
    return render_form("accounts/persons/new.html", form)


@bp.get("/<int:person_id>")
@requires(Permission.PERSON_READ, on=Person)
def show(person: Person) -> ResponseReturnValue:
    """Show one person as far as the viewer may: names with history, document, affiliations in sight."""
    return _render_person(person)


@bp.post("/<int:person_id>/document-number")
@requires(Permission.PERSON_READ, on=Person)
def show_document_number(person: Person) -> ResponseReturnValue:
    """Show the document's number once; the reading is logged."""
    log_access("document_number_read", subject=person)
    return _render_person(person, document_number=identity_documents.read_document_number(person))


@bp.route("/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.PERSON_EDIT, on=Person)
def edit(person: Person) -> ResponseReturnValue:
    """Change what is recorded of a person."""
    form = EditPersonForm()
    if request.method == "GET":
        form.show(person)
    form.offer()
    if form.validate_on_submit():
        with form.showing(DomainError):
            values = form.result(certificate_name=form.certificate_name.data)
            persons.edit_person(person, values, reason=form.reason.data, actor=g.viewer)
            flash(_("The record of %(name)s is saved.", name=person.latin_name), "success")
            return redirect(url_for("persons.show", person_id=person.id), 303)
    return render_form("accounts/persons/edit.html", form, person=person)


@bp.route("/affiliations/<int:affiliation_id>/end", methods=["GET", "POST"])
@requires(Permission.PERSON_EDIT, on=Affiliation)
def end_affiliation(affiliation: Affiliation) -> ResponseReturnValue:
    """Record the last day of a person in the own agency."""
    form = EndAffiliationForm()
    if request.method == "GET":
        form.ends_on.data = clock.today()
    if form.validate_on_submit() and form.ends_on.data is not None:
        with form.showing(DomainError):
            affiliations.end_affiliation(
                affiliation, ends_on=form.ends_on.data, reason=form.reason.data, actor=g.viewer
            )
            flash(_("The last day in the agency is recorded."), "success")
            return redirect(url_for("persons.show", person_id=affiliation.person_id), 303)
    return render_form("accounts/persons/end_affiliation.html", form, affiliation=affiliation)


def _register(form: PersonForm) -> Person:
    agency = g.viewer.agency
    try:
        if form.confirm_known.data == "yes":
            fishing.refuse_fishing(g.viewer)
            person = persons.affiliate_known_person(form.result(), agency=agency, actor=g.viewer)
            fishing.remember_meeting(g.viewer, person)
            flash(
                _("The known person %(name)s now serves your agency too.", name=person.latin_name), "success"
            )
            return person
        person = persons.register_person(form.result(), agency=agency, actor=g.viewer)
    except persons.KnownPerson as error:
        fishing.refuse_fishing(g.viewer)
        fishing.remember_meeting(g.viewer)
        form.known = error.same
        raise
    flash(_("%(name)s is on record.", name=person.latin_name), "success")
    return person


def _filtered(query: Select[*tuple[Any, ...]], today: Any) -> Select[*tuple[Any, ...]]:
    text = " ".join(request.args.get("q", "")[:100].split())
    if text:
        query = query.where(persons.name_matches(text))
    if request.args.get("nationality"):
        query = query.where(Person.nationality == request.args["nationality"][:2])
    agency_code, state = request.args.get("agency"), request.args.get("state")
    if not agency_code and state not in ("serving", "left"):
        return query
    serving = select(Affiliation.id).where(
        Affiliation.person_id == Person.id,
        not_over(Affiliation, today),
        _in_sight(),
    )
    ever = select(Affiliation.id).where(Affiliation.person_id == Person.id, _in_sight())
    if agency_code:
        of_agency = select(Agency.id).where(Agency.code == agency_code[:20].upper()).scalar_subquery()
        serving, ever = (which.where(Affiliation.agency_id == of_agency) for which in (serving, ever))
    if state == "left":
        return query.where(~serving.exists(), ever.exists())
    return query.where(serving.exists() if state == "serving" else ever.exists())


def _in_sight() -> Any:
    """Return the condition that an affiliation may be known to the viewer: an officer sees his agency's alone."""
    return visible(Affiliation, g.viewer)


def _agencies_of(person_ids: list[int], today: Any) -> dict[int, list[tuple[str, bool]]]:
    """Return the agencies in sight of each person, as (code, serving)."""
    rows = db.session.execute(
        select(
            Affiliation.person_id,
            Agency.code,
            func.max(func.coalesce(Affiliation.ends_on, today)).label("until"),
        )
        .join(Agency, Agency.id == Affiliation.agency_id)
        .where(Affiliation.person_id.in_(person_ids), _in_sight())
        .group_by(Affiliation.person_id, Agency.code)
        .order_by(Agency.code)
    )
    found: dict[int, list[tuple[str, bool]]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append((row.code, row.until >= today))
    return found


def _render_person(person: Person, *, document_number: str | None = None) -> ResponseReturnValue:
    today = clock.today()
    served = db.session.execute(
        select(Affiliation, Agency)
        .join(Agency, Agency.id == Affiliation.agency_id)
        .where(Affiliation.person_id == person.id, _in_sight())
        .order_by(Affiliation.starts_on.desc())
    ).all()
    return render_template(
        "accounts/persons/show.html",
        person=person,
        document=DOCUMENT_LABELS.get(person.document_type) if person.document_type else None,
        document_number=document_number,
        languages_spoken=", ".join(language_name(code) for code in person.languages),
        affiliations=[
            (affiliation, agency, affiliation.ends_on is None or affiliation.ends_on >= today)
            for affiliation, agency in served
        ],
        names=_name_history(person),
        may_edit=g.viewer.may(Permission.PERSON_EDIT, person)
        and affiliations.is_serving(person, g.viewer.agency_id, on=today),
    )


def _name_history(person: Person) -> list[dict[str, Any]]:
    """Return each governed name with its present value and the values it had before, newest first."""
    recorder = (
        select(
            PersonName.kind, PersonName.value, PersonName.since, PersonName.reason, User.name, User.agency_id
        )
        .outerjoin(User, User.id == PersonName.recorded_by_id)
        .where(PersonName.person_id == person.id)
        .order_by(PersonName.id.desc())
    )
    history: dict[NameKind, list[Any]] = {}
    for row in db.session.execute(recorder):
        # Which colleague of another agency recorded a name would tell that the person serves there too.
        foreign = g.viewer.has(Role.AGENCY_OFFICER) and row.agency_id not in (None, g.viewer.agency_id)
        shown = row._asdict() | {
            "who": None if foreign else row.name,
            "reason": None if foreign else row.reason,
        }
        history.setdefault(row.kind, []).append(shown)
    present = {
        NameKind.PASSPORT: person.latin_name,
        NameKind.NATIVE: person.native_name,
        NameKind.CERTIFICATE: person.certificate_name,
    }
    return [
        {"label": NAME_KIND_LABELS[kind], "value": value, "history": history.get(kind, [])}
        for kind, value in present.items()
    ]
