"""The API of this floor: the same services as its pages, in JSON. A blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from curriculum.api import cohorts, enrolments, nominations

BLUEPRINTS: tuple[Blueprint, ...] = (cohorts.bp, nominations.bp, enrolments.bp)
