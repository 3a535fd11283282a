"""Editions: one curriculum version to read, and its publication."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.permissions import Permission
from curriculum.models import Assessment, Edition
from curriculum.services import courses, editions
from foundation.access import requires
from foundation.db import db
from foundation.i18n import _

bp = Blueprint("editions", __name__)


@bp.get("/editions/<int:edition_id>")
@requires(Permission.COURSE_READ, on=Edition)
def show(edition: Edition) -> ResponseReturnValue:
    """Show what an edition teaches, how it is assessed, and what its certificate is worth."""
    return _page(edition)


@bp.post("/editions/<int:edition_id>/publish")
@requires(Permission.EDITION_PUBLISH, on=Edition)
def publish(edition: Edition) -> ResponseReturnValue:
    """Publish a draft that is whole."""
    try:
        editions.publish_edition(edition, actor=g.viewer)
    except editions.EditionIncomplete as error:
        db.session.rollback()
        flash(error.message, "error")
        return _page(edition), error.status
    flash(_("Edition %(number)s is published.", number=edition.number), "success")
    return redirect(url_for("editions.show", edition_id=edition.id))


def _page(edition: Edition) -> str:
    assessments = db.session.execute(
        select(Assessment)
        .where(Assessment.edition_id == edition.id)
        .order_by(Assessment.position)
        .options(selectinload(Assessment.items))
    ).scalars()
    return render_template(
        "curriculum/editions/show.html",
        edition=edition,
        assessments=assessments.all(),
        required=courses.list_required_courses(edition),
        missing=editions.list_missing(edition) if edition.state.value == "draft" else [],
    )
