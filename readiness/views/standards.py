"""The readiness standards: the list, and one edition with each figure's basis and source."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum.models import Course
from foundation.access import requires, visible
from foundation.db import db
from foundation.paging import page_of_request
from readiness import labels
from readiness.models import Standard, StandardEdition
from readiness.services import standards

bp = Blueprint("standards", __name__)
for name, words in (
    ("readiness_level", labels.level_word),
    ("readiness_tone", labels.level_tone),
    ("basis", labels.basis_word),
    ("basis_tone", labels.basis_tone),
    ("readiness_domain", labels.domain_word),
    ("area", labels.area_word),
    ("exercise", labels.exercise_word),
    ("requirement_state", labels.state_word),
    ("requirement_tone", labels.state_tone),
    ("equipment_category", labels.category_word),
    ("equipment_unit", labels.unit_word),
    ("equipment_reason", labels.reason_word),
    ("figure_name", labels.figure_word),
    ("figure_amount", labels.amount),
    ("requirement_kind", labels.kind_word),
    ("as_title", labels.as_title),
):
    bp.add_app_template_filter(words, name)


@bp.get("/standards")
@requires(Permission.STANDARD_READ)
def index() -> ResponseReturnValue:
    """List the standards, narrowed by domain and text."""
    domain = request.args.get("domain", "")
    domain = domain if domain in labels.DOMAINS else ""
    text = " ".join(request.args.get("q", "")[:80].split())
    page = page_of_request(
        standards.query_standards(g.viewer, domain=domain, text=text),
        sorts={
            "code": [Standard.code],
            "people": [StandardEdition.headcount, Standard.id],
        },
        default="code",
    )
    return render_template(
        "readiness/standards/index.html",
        page=page,
        domain=domain,
        text=text,
        domains=[(key, str(value)) for key, value in labels.DOMAINS.items()],
    )


@bp.get("/standards/<standard_code>")
@requires(Permission.STANDARD_READ, on=Standard, by="code")
def show(standard: Standard) -> ResponseReturnValue:
    """Show an edition of a standard, the newest unless another is asked for: every figure with its basis and source."""
    wanted = request.args.get("edition", type=int)
    edition = next((one for one in standard.editions if one.number == wanted), standard.current)
    definition = edition.definition
    asked = sorted({code for row in definition.positions for code in row.courses})
    query = select(Course.code, Course.id, Course.titles).where(
        Course.code.in_(asked), visible(Course, g.viewer)
    )
    return render_template(
        "readiness/standards/show.html",
        standard=standard,
        edition=edition,
        definition=definition,
        courses={code: (key, titles) for code, key, titles in db.session.execute(query)},
        parts={one.code: one for one in definition.components},
        areas=labels.AREAS,
        groups=labels.GROUPS,
        per=labels.PER,
        sources={one.id: one for one in definition.sources},
    )
