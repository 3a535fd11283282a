"""With what: item types, items and lots, deeds signed by two parties, and custody as a ledger that nobody can edit."""
