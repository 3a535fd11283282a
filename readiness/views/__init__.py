"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from readiness.views import (
    assessments,
    overviews,
    snapshots,
    standards,
    team_items,
    team_members,
    team_records,
    teams,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    standards.bp,
    teams.bp,
    team_members.bp,
    team_items.bp,
    team_records.bp,
    assessments.bp,
    snapshots.bp,
    overviews.bp,
)
