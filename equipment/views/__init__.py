"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from equipment.views import (
    cases,
    deed_lines,
    deeds,
    holdings,
    inspections,
    item_types,
    items,
    lots,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    items.bp,
    item_types.bp,
    lots.bp,
    deeds.bp,
    deed_lines.bp,
    holdings.bp,
    cases.bp,
    inspections.bp,
)
