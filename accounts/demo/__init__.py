"""The demonstration's people: invented, in an empty database only."""
