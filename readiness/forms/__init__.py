"""The forms of readiness."""
