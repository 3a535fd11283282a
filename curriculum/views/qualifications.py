"""What a person holds: certificates and what was recorded from elsewhere, each with its evidence; recording and revoking."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.models import Person
from accounts.permissions import Permission
from curriculum.forms.qualifications import QualificationForm, RevocationForm
from curriculum.held import SOON_DAYS, judge_held
from curriculum.models import RecordedQualification
from curriculum.navigation import find_evidence_url, sees_evidence
from curriculum.services import qualifications
from foundation import clock
from foundation.access import requires
from foundation.errors import DomainError, Forbidden
from foundation.forms import render_form
from foundation.i18n import _
from foundation.registry import EndedBy
from foundation.web import accepts_bytes, frozen_response

bp = Blueprint("qualifications", __name__)

_MEDIA = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}
# The other fields and the seams between them.
_FORM_BYTES = 256 * 1024


@bp.get("/persons/<int:person_id>/qualifications")
@requires(Permission.QUALIFICATION_READ, on=Person)
def index(person: Person) -> ResponseReturnValue:
    """List what a person holds and held, from when until when, each line with its evidence as far as the viewer may see it."""
    held = qualifications.list_held(person, on=clock.today())
    return render_template(
        "curriculum/qualifications/index.html",
        person=person,
        held=[
            (
                line,
                line.holding.evidence if sees_evidence(g.viewer, line.holding) else None,
                find_evidence_url(g.viewer, line.holding, director_ids=line.director_ids),
            )
            for line in held
        ],
        soon_days=SOON_DAYS,
        may_record=g.viewer.may(Permission.QUALIFICATION_RECORD, person),
    )


@bp.route("/persons/<int:person_id>/qualifications/new", methods=["GET", "POST"])
@requires(Permission.QUALIFICATION_RECORD, on=Person)
@accepts_bytes(qualifications.MOST_PAPER_BYTES + _FORM_BYTES)
def new(person: Person) -> ResponseReturnValue:
    """Record what a person holds from elsewhere."""
    form = QualificationForm()
    form.offer(qualifications.list_recordable_courses(g.viewer))
    if form.validate_on_submit():
        with form.showing(DomainError):
            paper = form.read_paper(most_bytes=qualifications.MOST_PAPER_BYTES)
            entry = qualifications.record_qualification(person, form.result(), paper=paper, actor=g.viewer)
            flash(
                _("%(name)s holds %(code)s by this record.", name=person.latin_name, code=entry.course.code),
                "success",
            )
            return redirect(url_for("qualifications.index", person_id=person.id), 303)
    return render_form("curriculum/qualifications/new.html", form, person=person)


@bp.get("/persons/qualifications/<int:recorded_qualification_id>")
@requires(Permission.QUALIFICATION_READ, on=RecordedQualification)
def show(recorded_qualification: RecordedQualification) -> ResponseReturnValue:
    """Show one entry: its paper, who recorded it, and whether it still counts."""
    entry = recorded_qualification
    revoked = EndedBy.REVOCATION if entry.revoked_at is not None else None
    on = clock.today()
    return render_template(
        "curriculum/qualifications/show.html",
        entry=entry,
        state=judge_held(entry.starts_on, entry.ends_on, revoked, on=on),
        may_revoke=revoked is None and qualifications.may_revoke(entry, g.viewer),
    )


@bp.route("/persons/qualifications/<int:recorded_qualification_id>/revoke", methods=["GET", "POST"])
@requires(Permission.QUALIFICATION_RECORD, on=RecordedQualification)
def revoke(recorded_qualification: RecordedQualification) -> ResponseReturnValue:
    """Take an entry back, after saying what that means."""
    entry, form = recorded_qualification, RevocationForm()
    if not qualifications.may_revoke(entry, g.viewer):
        raise Forbidden(_("This entry is revoked by a programme manager or by a director of the course."))
    if form.validate_on_submit():
        with form.showing(qualifications.QualificationRefused, qualifications.AlreadyRevoked):
            qualifications.revoke_qualification(entry, reason=form.reason.data, actor=g.viewer)
            flash(_("The entry is revoked and does not count from today on."), "success")
            return redirect(url_for("qualifications.show", recorded_qualification_id=entry.id), 303)
    return render_form("curriculum/qualifications/revoke.html", form, entry=entry)


@bp.get("/persons/qualifications/<int:recorded_qualification_id>/paper")
@requires(Permission.QUALIFICATION_READ, on=RecordedQualification)
def paper(recorded_qualification: RecordedQualification) -> ResponseReturnValue:
    """Send the uploaded paper as a file to keep."""
    entry = recorded_qualification
    found = qualifications.read_paper(entry)
    if found is None:
        abort(404)
    body, suffix = found
    name = f"{entry.course.code}-{entry.starts_on.isoformat()}{suffix}"
    return frozen_response(body, file_name=name, mimetype=_MEDIA[suffix])
