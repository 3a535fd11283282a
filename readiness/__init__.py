"""Are we ready: what a team must have, whom it has, and what stands between the two."""
