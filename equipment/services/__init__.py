"""The verbs of equipment: one module a noun."""
