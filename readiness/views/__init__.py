"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
