"""Events about shares."""

from __future__ import annotations

from typing import ClassVar

from schemas.events.base import Event, rights
from schemas.fractions import LowestFraction
from schemas.ids import PartyId, RecordingOrWork, ShareId
from schemas.model import Sha256Hex, Text, Wire
from schemas.period import LocalInstant
from schemas.territory import Territories


class ShareClaimed(Event):
    """A party claimed a share; unconfirmed, it is `about:` the asset's controllers."""

    TOPIC: ClassVar[str] = "ShareClaimed"

    share: ShareId
    asset: RecordingOrWork
    party: PartyId
    fraction: LowestFraction
    territories: Territories
    effective_from: LocalInstant | None
    effective_until: LocalInstant | None
    evidence_sha256: Sha256Hex | None
    controllers: tuple[PartyId, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the claim alone: it clears nothing and blocks nothing."""
        return (f"claim:{self.share}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the asset, the claimant and whoever controls the asset today."""
        return (self.asset, self.party, *self.controllers)


class ShareReduced(Wire):
    """A confirmed share that became smaller by a confirmation; what is left of it."""

    share: ShareId
    party: PartyId
    fraction: LowestFraction


class ShareConfirmed(Event):
    """A share was confirmed: from here it must consent, and it earns."""

    TOPIC: ClassVar[str] = "ShareConfirmed"

    share: ShareId
    asset: RecordingOrWork
    party: PartyId
    fraction: LowestFraction
    territories: Territories
    effective_from: LocalInstant | None
    effective_until: LocalInstant | None
    reduced: ShareReduced | None
    confirmer: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the claim and the asset."""
        return (f"claim:{self.share}", *rights([self.asset]))

    def concerns(self) -> tuple[object, ...]:
        """Concern the asset, the party, who confirmed and whose share it reduced."""
        reduced = (self.reduced.party,) if self.reduced else ()
        return (self.asset, self.party, self.confirmer, *reduced)


class ShareWithdrawn(Event):
    """A share was withdrawn."""

    TOPIC: ClassVar[str] = "ShareWithdrawn"

    share: ShareId
    asset: RecordingOrWork
    party: PartyId
    was_confirmed: bool
    reason: Text

    def scopes(self) -> tuple[str, ...]:
        """Move the claim, and the asset where the share was confirmed."""
        return (f"claim:{self.share}", *(rights([self.asset]) if self.was_confirmed else ()))

    def concerns(self) -> tuple[object, ...]:
        """Concern the asset and the party."""
        return (self.asset, self.party)
