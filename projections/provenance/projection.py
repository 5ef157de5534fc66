"""The provenance projection: its rules applied to its tables."""

from __future__ import annotations

from typing import ClassVar

from ledger.rights.view import Recorded
from projections.base import Projection, Tables
from projections.provenance.rules import changes


class Provenance(Projection):
    """Generations, their references, money and files; refusals; files in quarantine."""

    NAME: ClassVar[str] = "provenance"
    VERSION: ClassVar[int] = 1
    TOPICS: ClassVar[frozenset[str] | None] = frozenset(
        {
            "GenerationAuthorized",
            "GenerationCompleted",
            "ManifestEmbedded",
            "GenerationFailed",
            "GenerationCanceled",
            "AuthorizationExpired",
            "VerificationCleared",
            "VerificationRefused",
            "GenerationRefused",
            "RefusalsRepeated",
            "FeeAgreed",
            "RoyaltyAccrued",
        }
    )

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        """Fold one event."""
        tables.apply(changes(recorded))
