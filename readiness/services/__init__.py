"""The verbs of readiness."""
