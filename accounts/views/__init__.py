"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from accounts.views import account, agencies, agreements, auth, persons, users

BLUEPRINTS: tuple[Blueprint, ...] = (auth.bp, users.bp, account.bp, agencies.bp, agreements.bp, persons.bp)
