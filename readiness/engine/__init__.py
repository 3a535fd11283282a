"""The readiness engine: how far people fill positions on a day, what is short and why, without database or clock.

It reads as five thoughts, a module each: what was asked (`problem`), which days certificates cover (`validity`), equal
positions and equal people put together (`grouping`), the fill itself (`fill`), and what it proves (`explaining`). `solving`
strings them together. Standard library only; decision 9 says why.
"""

from readiness.engine.problem import (
    MOST_ALTERNATIVES,
    MOST_ROWS,
    Bottleneck,
    Certificate,
    InvalidProblem,
    Member,
    Position,
    PositionFill,
    Solution,
)
from readiness.engine.solving import solve

__all__ = [
    "MOST_ALTERNATIVES",
    "MOST_ROWS",
    "Bottleneck",
    "Certificate",
    "InvalidProblem",
    "Member",
    "Position",
    "PositionFill",
    "Solution",
    "solve",
]
