"""Commands about shares: claimed by a party, confirmed by another."""

from __future__ import annotations

from schemas.commands.base import Command
from schemas.fractions import FractionText
from schemas.ids import PartyId, RecordingOrWork, ShareId
from schemas.model import Sha256Hex, Text
from schemas.period import LocalInstant
from schemas.territory import Territories


class ClaimShare(Command):
    """Claim a share: of the master if the asset is a recording, of publishing if it is a work."""

    share: ShareId
    asset: RecordingOrWork
    party: PartyId
    fraction: FractionText
    territories: Territories
    effective_from: LocalInstant | None = None
    effective_until: LocalInstant | None = None
    evidence_sha256: Sha256Hex | None = None


class ConfirmShare(Command):
    """Confirm a claimed share.

    The first of an asset by a registrar; later ones by a registrar, or by a party whose own
    confirmed share (`reduces`) becomes smaller by it.
    """

    share: ShareId
    reduces: ShareId | None = None


class WithdrawShare(Command):
    """Withdraw a claimed or confirmed share: its party, or a registrar."""

    share: ShareId
    reason: Text
