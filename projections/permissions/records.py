"""What questions about permissions are answered with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from projections.base import from_json, from_us
from projections.database import Row
from projections.permissions.rows import read_countries
from schemas.lists import TIERS, USES
from schemas.money import Money
from schemas.terms import RevocationTerms
from schemas.territory import Territories

Listed = tuple[str, ...] | Literal["all"]
"""Values of a closed list, or all of them."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One version of a consent about an asset, or about a party's catalog (`subject`).

    [effective_from, effective_until) is when the law sees it in force, revocations included;
    [from_position, until_position) is when the ledger knew it so. None: without end.
    """

    subject: str
    party: str
    consent: str
    version: int
    capacity: str
    catalog: bool
    uses: tuple[str, ...]
    parameters: Listed
    reproduction: bool
    tiers: tuple[str, ...]
    purposes: Listed
    channels: Listed
    models: Listed
    modules: tuple[str, ...]
    territories: Territories
    territories_version: str
    floors: dict[str, Money]
    minimum_weight: Fraction | None
    revocation: RevocationTerms
    text_sha256: str
    signed_by: str
    contested: bool
    effective_from: datetime
    effective_until: datetime | None
    revoked_from: datetime | None
    from_position: int
    until_position: int | None

    def in_force(self, moment: datetime) -> bool:
        """Tell whether the words are in force at an instant. A contested consent still has them."""
        return self.effective_from <= moment and (
            self.effective_until is None or moment < self.effective_until
        )

    @property
    def paper(self) -> dict[str, bool]:
        """The columns of the paper's first table: each use, and whether it is permitted."""
        return {use: use in self.uses for use in USES}

    @property
    def paper_tiers(self) -> dict[str, bool]:
        """The columns of the paper's second table, with the tiers that it has not."""
        return {tier: tier in self.tiers for tier in TIERS}


@dataclass(frozen=True, slots=True)
class SharePart:
    """One part of a confirmed share: so much, in these countries, in this window."""

    asset: str
    side: str
    party: str
    share: str
    fraction: Fraction
    countries: frozenset[str]
    effective_from: datetime | None
    effective_until: datetime | None
    from_position: int
    until_position: int | None

    def in_force(self, moment: datetime) -> bool:
        """Tell whether the part counts at an instant."""
        begun = self.effective_from is None or self.effective_from <= moment
        return begun and (self.effective_until is None or moment < self.effective_until)


def permission(row: Row) -> Permission:
    """Read a row of `permissions_consents`."""
    minimum = row["minimum_weight"]
    floors = from_json(row["floors"])
    return Permission(
        subject=row["subject"],
        party=row["party"],
        consent=row["consent"],
        version=row["version"],
        capacity=row["capacity"],
        catalog=bool(row["catalog"]),
        uses=tuple(from_json(row["uses"])),
        parameters=_listed(row["parameters"]),
        reproduction=bool(row["reproduction"]),
        tiers=tuple(from_json(row["tiers"])),
        purposes=_listed(row["purposes"]),
        channels=_listed(row["channels"]),
        models=_listed(row["models"]),
        modules=tuple(from_json(row["modules"])),
        territories=Territories.model_validate(from_json(row["territories"])),
        territories_version=row["territories_version"],
        floors={tier: Money.model_validate(floor) for tier, floor in floors.items()},
        minimum_weight=None if minimum is None else Fraction(minimum),
        revocation=RevocationTerms.model_validate(from_json(row["revocation"])),
        text_sha256=row["text_sha256"],
        signed_by=row["signed_by"],
        contested=bool(row["contested"]),
        effective_from=from_us(row["effective_from_us"]),
        effective_until=_instant(row["effective_until_us"]),
        revoked_from=_instant(row["revoked_from_us"]),
        from_position=row["from_position"],
        until_position=row["until_position"],
    )


def share_part(row: Row) -> SharePart:
    """Read a row of `permissions_shares`."""
    return SharePart(
        asset=row["asset"],
        side=row["side"],
        party=row["party"],
        share=row["share"],
        fraction=Fraction(row["fraction"]),
        countries=read_countries(row["countries"]),
        effective_from=_instant(row["effective_from_us"]),
        effective_until=_instant(row["effective_until_us"]),
        from_position=row["from_position"],
        until_position=row["until_position"],
    )


def _listed(text: str) -> Listed:
    found = from_json(text)
    return "all" if found == "all" else tuple(found)


def _instant(moment_us: int | None) -> datetime | None:
    return None if moment_us is None else from_us(moment_us)
