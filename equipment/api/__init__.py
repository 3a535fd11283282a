"""The API of this floor: the same services as its pages, in JSON. A blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from equipment.api import deeds, holdings

BLUEPRINTS: tuple[Blueprint, ...] = (holdings.bp, deeds.bp)
