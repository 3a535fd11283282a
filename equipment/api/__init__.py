"""This floor's part of the API, gathered for `wsgi.py`."""

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
