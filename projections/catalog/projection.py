"""The catalog projection: its rules applied to its tables."""

from __future__ import annotations

from typing import ClassVar

from ledger.rights.view import Recorded
from projections.base import Projection, Tables
from projections.catalog.assets_rules import assets, claims
from projections.catalog.parties_rules import parties
from projections.catalog.terms_rules import terms


class Catalog(Projection):
    """Parties, keys, mandates, recordings, works, claims, model versions, tariffs."""

    NAME: ClassVar[str] = "catalog"
    VERSION: ClassVar[int] = 1
    TOPICS: ClassVar[frozenset[str] | None] = frozenset(
        {
            "LogOpened",
            "PartyRegistered",
            "PartyDeceased",
            "KeyProposed",
            "KeyEnrolled",
            "KeyRevoked",
            "MandateGranted",
            "MandateRevoked",
            "RecordingRegistered",
            "StemRegistered",
            "WorkRegistered",
            "WorkDeclaredPublicDomain",
            "MoralRightRestrictionDeclared",
            "MoralRightRestrictionLifted",
            "RecordingEnteredInferenceSet",
            "RecordingLeftInferenceSet",
            "RecordingLinkProposed",
            "RecordingLinkedToWork",
            "ContributorCreditProposed",
            "ContributorCredited",
            "VocalsProposed",
            "VocalsDeclared",
            "ShareClaimed",
            "ShareConfirmed",
            "ShareWithdrawn",
            "ModelRegistered",
            "ModelVersionRetired",
            "TariffPublished",
            "TariffWithdrawn",
        }
    )

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        """Fold one event."""
        for rule in (parties, assets, claims, terms):
            tables.apply(rule(recorded))
