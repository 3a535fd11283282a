"""The pages of this floor, gathered here for `wsgi.py`."""

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
