"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from curriculum.views import (
    assessments,
    attempts,
    cohorts,
    courses,
    editions,
    enrolments,
    gates,
    nominations,
    seats,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    courses.bp,
    editions.bp,
    cohorts.bp,
    nominations.bp,
    gates.bp,
    seats.bp,
    enrolments.bp,
    assessments.bp,
    attempts.bp,
)
