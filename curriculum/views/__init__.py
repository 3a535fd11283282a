"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

<<<<<<< HEAD
from curriculum.views import (
    assessments,
    attempts,
    attendances,
    cohorts,
    courses,
    editions,
    enrolments,
    gates,
    nominations,
    own_records,
    results,
    seats,
)
=======
from curriculum.views import cohorts, courses, editions, enrolments, gates, imports, nominations, seats
>>>>>>> refs/heads/imports

BLUEPRINTS: tuple[Blueprint, ...] = (
    courses.bp,
    editions.bp,
    cohorts.bp,
    nominations.bp,
    gates.bp,
    seats.bp,
    enrolments.bp,
<<<<<<< HEAD
    assessments.bp,
    attempts.bp,
    attendances.bp,
    results.bp,
    own_records.bp,
=======
    imports.bp,
>>>>>>> refs/heads/imports
)
