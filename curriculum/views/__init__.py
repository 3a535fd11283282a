"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from curriculum.views import cohorts, courses, editions, enrolments, gates, imports, nominations, seats

BLUEPRINTS: tuple[Blueprint, ...] = (
    courses.bp,
    editions.bp,
    cohorts.bp,
    nominations.bp,
    gates.bp,
    seats.bp,
    enrolments.bp,
    imports.bp,
)
