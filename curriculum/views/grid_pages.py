"""What the recording grid's template draws: instruments, trainees and cells as plain values, made once per page."""

from typing import Any

from flask import g, get_template_attribute, url_for

from accounts.permissions import Permission
from curriculum.models import Assessment, AssessmentItem, Cohort, CohortState, EnrolmentState
from curriculum.reasons import sentences_of
from curriculum.recording_words import list_levels, recording_word
from curriculum.schemes import Measure
from curriculum.services.grids import Grid, GridRow, Sheet, SheetStatus
from foundation.i18n import _, language, text_in

SHOWN = {
    "signed": (SheetStatus.SIGNED,),
    "draft": (SheetStatus.OPEN, SheetStatus.CONFLICT, SheetStatus.STOPPED, SheetStatus.COMPLETE),
    "missing": (SheetStatus.EMPTY,),
    "conflict": (SheetStatus.CONFLICT,),
}


def list_items(assessment: Assessment, levels: list[dict[str, object]]) -> list[dict[str, Any]]:
    """Return the items of an instrument as the grid's head and cells draw them."""
    return [
        {
            "id": item.id,
            "number": item.code,
            "title": text_in(item.texts),
            "levels": levels if item.measure is Measure.LEVEL else [],
            "critical": item.critical,
            "measure": item.measure.value,
            "unit_word": "%"
            if item.measure is Measure.PERCENT
            else recording_word(item.unit)
            if item.unit
            else "",
            "bounds": _bounds(item),
        }
        for item in assessment.items
    ]


def _bounds(item: AssessmentItem) -> str:
    """Return what a figure has to keep to, in the fewest words; empty for levels and percentages."""
    low = f"{item.at_least.normalize():f}" if item.at_least is not None else None
    high = f"{item.at_most.normalize():f}" if item.at_most is not None else None
    if low is not None and high is not None:
        return str(_("%(low)s to %(high)s", low=low, high=high))
    if high is not None:
        return str(_("at most %(high)s", high=high))
    return str(_("at least %(low)s", low=low)) if low is not None else ""


def list_rows(grid: Grid, cohort: Cohort, *, shown: str = "") -> list[dict[str, Any]]:
    """Return the trainees with their cells; `shown` narrows them to signed, draft, missing or conflict sheets."""
    running = cohort.state == CohortState.RUNNING
    may_record = running and g.viewer.may(Permission.ASSESSMENT_RECORD, cohort)
    address = url_for("assessments.show", cohort_id=cohort.id, assessment_id=grid.assessment.id)
    rows = []
    for row in grid.rows:
        if shown in SHOWN and row.sheet.status not in SHOWN[shown]:
            continue
        rows.append(
            {
                "trainee": {"id": row.enrolment_id, "number": row.number, "name": row.name},
                "cells": row.sheet.cells,
                "conflicts": row.sheet.conflicts,
                "done": row.sheet.done,
                "total": row.sheet.total,
                "locked": not may_record or _locked(row),
                "attempt_id": row.sheet.attempt_id,
                "versions": " ".join(
                    f"{item_id}:{cell.version}" for item_id, cell in row.sheet.cells.items()
                ),
                "sheet": sheet_context(row.sheet, notes=_notes(row)),
                "next_number": row.next_number,
                "retake_url": f"{address}?attempt={row.next_number}" if row.next_number else None,
            }
        )
    return rows


def _locked(row: GridRow) -> bool:
    return (
        row.sheet.status is SheetStatus.SIGNED
        or row.own
        or bool(row.hindrances)
        or row.state != EnrolmentState.ENROLLED
    )


def _notes(row: GridRow) -> list[str]:
    if row.state != EnrolmentState.ENROLLED:
        return [_("Left the cohort")]
    if row.own:
        return [_("Yourself")]
    return sentences_of(row.hindrances, language=language())


def sheet_context(sheet: Sheet, *, notes: list[str] | None = None) -> dict[str, Any]:
    """Return what is said of a sheet: how it stands, where it leads, how long it took, why it is closed."""
    return {
        "status": sheet.status,
        "url": url_for("attempts.show", attempt_id=sheet.attempt_id) if sheet.attempt_id else None,
        "score": sheet.judgement.score_percent
        if sheet.status in (SheetStatus.SIGNED, SheetStatus.COMPLETE)
        else None,
        "passed": sheet.passed,
        "minutes": sheet.minutes,
        "notes": notes or [],
    }


def render_sheet(sheet: Sheet) -> tuple[str, str]:
    """Return the fragments that follow a saved mark: the last cell of the row, and the badge beside the name in the hand."""
    context = sheet_context(sheet)
    cell = get_template_attribute("macros/sheets.html", "sheet_cell")
    state = get_template_attribute("macros/sheets.html", "sheet_state")
    return str(cell(context)), str(state(context, plain=True))


def grid_context(cohort: Cohort, grid: Grid, *, shown: str = "") -> dict[str, Any]:
    """Return everything the grid's page draws."""
    levels = list_levels(grid.scheme.scale)
    return {
        "cohort": cohort,
        "assessment": grid.assessment,
        "grid": grid,
        "levels": levels,
        "items": list_items(grid.assessment, levels),
        "rows": list_rows(grid, cohort, shown=shown),
        "shown": shown if shown in SHOWN else "",
        "may_record": cohort.state == CohortState.RUNNING
        and g.viewer.may(Permission.ASSESSMENT_RECORD, cohort),
        "signed": grid.count(SheetStatus.SIGNED),
    }
