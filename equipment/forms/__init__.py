"""What people type about equipment: one module a noun."""
