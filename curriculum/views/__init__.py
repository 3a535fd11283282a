"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from curriculum.views import (
    assessments,
    attempts,
    attendances,
    cohorts,
    courses,
    editions,
    own_records,
    results,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    courses.bp,
    editions.bp,
    cohorts.bp,
    assessments.bp,
    attempts.bp,
    attendances.bp,
    results.bp,
    own_records.bp,
)
