"""Who sings, and whose moral rights stand against a purpose (clearance, 3, 10, 16)."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.rights.clearance_consents import Asset
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_reasons import Reasons
from ledger.rights.clearance_request import RowAsked
from ledger.rights.clearance_sides import Sides
from ledger.rights.states.recordings import RecordingState
from schemas.lists import Parameter, Purpose, Side


def asks_performers(asked: RowAsked, *, copied: bool) -> bool:
    """Tell whether a row asks performers: by the parameter voice, or by a role that copies."""
    return copied or "voice" in asked.parameters


def singers(recording: RecordingState, stem: Parameter | None) -> tuple[str, ...] | None:
    """Return the vocal performers heard on the chosen stem; None where nobody confirmed who sings.

    No stem chosen is the whole recording; a performer for whom no stem is named is heard on all.
    """
    declared = recording.vocals
    if declared is None:
        return None
    return tuple(
        sorted(
            row.party
            for row in declared.performers
            if stem is None or not row.stems or stem in row.stems
        )
    )


def is_suspended(facts: Facts, performer: str) -> bool:
    """Tell whether a performer is dead and no estate is registered: voice waits for it."""
    party = facts.party(performer)
    return party.deceased_at is not None and not party.has_estate(facts.at)


def check_moral_rights(
    purpose: Purpose, recording: RecordingState, sides: Sides, reasons: Reasons
) -> None:
    """Add a reason for each performer or author who vetoed the purpose for an asset.

    A work in the public domain asks for no consent, but its author's veto stands.
    """
    assets: Iterable[tuple[Side, Asset]] = (
        ("master", recording),
        *(("publishing", work) for work in sides.works),
    )
    for side, asset in assets:
        for party, purposes in asset.restrictions.items():
            if purpose in purposes:
                reasons.add(
                    "moral_right_restricted",
                    side=side,
                    party=party,
                    clause="purpose",
                    values=(purpose,),
                )
