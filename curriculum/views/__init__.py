"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from curriculum.views import (
    assessments,
    attempts,
    attendances,
    cohorts,
    course_staff,
    courses,
    editions,
    enrolments,
    gates,
    imports,
    nominations,
    own_records,
    qualifications,
    results,
    seats,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    courses.bp,
    course_staff.bp,
    editions.bp,
    cohorts.bp,
    nominations.bp,
    imports.bp,
    gates.bp,
    seats.bp,
    enrolments.bp,
    attendances.bp,
    assessments.bp,
    attempts.bp,
    results.bp,
    own_records.bp,
    qualifications.bp,
)
