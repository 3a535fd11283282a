"""Paper of this floor: the deed."""
