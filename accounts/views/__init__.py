"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from accounts.views import auth

BLUEPRINTS: tuple[Blueprint, ...] = (auth.bp,)
