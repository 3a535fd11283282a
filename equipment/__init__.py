"""With what: item types, items and lots, deeds that both parties sign, who holds what, inspections and losses."""
