"""The forms of this floor, one module a noun."""
