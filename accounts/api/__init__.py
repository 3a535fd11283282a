"""The API of this floor: the same services as its pages, in JSON. A blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from accounts.api import people

BLUEPRINTS: tuple[Blueprint, ...] = (people.bp,)
