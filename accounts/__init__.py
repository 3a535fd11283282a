"""Who: agencies and agreements, persons and affiliations, users, roles and the permission table."""
