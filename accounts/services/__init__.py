"""The verbs of this floor, one module a noun."""
