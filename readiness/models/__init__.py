"""The tables of readiness: standards and their frozen editions, teams with what belongs to them, frozen snapshots and their files."""

from readiness.models.snapshots import Snapshot, SnapshotFile
from readiness.models.standards import Standard, StandardEdition
from readiness.models.teams import (
    EvidenceState,
    Team,
    TeamEvidence,
    TeamExercise,
    TeamItem,
    TeamMember,
)

__all__ = [
    "EvidenceState",
    "Snapshot",
    "SnapshotFile",
    "Standard",
    "StandardEdition",
    "Team",
    "TeamEvidence",
    "TeamExercise",
    "TeamItem",
    "TeamMember",
]
