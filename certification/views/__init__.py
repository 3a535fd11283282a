"""The pages of this floor: a blueprint a noun, gathered here for `wsgi.py`."""

from flask import Blueprint

from certification.views import certificate_actions, certificates, certifications, verifications

BLUEPRINTS: tuple[Blueprint, ...] = (
    certifications.bp,
    certificates.bp,
    certificate_actions.bp,
    verifications.bp,
)
