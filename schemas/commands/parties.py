"""Commands about parties, their keys and their mandates."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.commands.base import Command
from schemas.identifiers import IpiBase, IpiName, Ipn, Isni
from schemas.ids import KeyId, MandateId, PartyId
from schemas.lists import Capacity, KeyRole, Use
from schemas.model import Base64Url, Commitment, Sha256Hex, Text
from schemas.period import Instant, LocalInstant
from schemas.territory import Country, Territories


class RegisterParty(Command):
    """Register a party. A natural person's name is a commitment; its opening can be erased."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"registrar"})

    party: PartyId
    kind: Literal["person", "organization"]
    name: Text | Commitment
    isni: Isni | None = None
    ipi_name: IpiName | None = None
    ipi_base: IpiBase | None = None
    ipn: Ipn | None = None
    residence: Country | None = None


class EnrollKey(Command):
    """Propose a key for a party. Signed by the new key itself: that proves possession."""

    key: KeyId
    party: PartyId
    public_key: Base64Url
    roles: Annotated[tuple[KeyRole, ...], Field(min_length=1)]


class ConfirmKey(Command):
    """Confirm a proposed key: a registrar, or an older key of the same party."""

    key: KeyId


class RevokeKey(Command):
    """Revoke a key from this position; `compromised_since` contests the consents it signed."""

    key: KeyId
    reason: Literal["rotated", "lost", "stolen", "left"]
    compromised_since: Instant | None = None


class GrantMandate(Command):
    """Let a representative act for the grantor, within what is named. One step: no chains."""

    mandate: MandateId
    grantor: PartyId
    mandatee: PartyId
    capacities: Annotated[tuple[Capacity, ...], Field(min_length=1)]
    uses: tuple[Use, ...]
    territories: Territories
    effective_from: LocalInstant | None = None
    effective_until: LocalInstant | None = None
    exclusive: bool = False
    may_revoke: bool = False


class RevokeMandate(Command):
    """End a mandate. It ends the power to act, not the acts."""

    mandate: MandateId
    reason: Text


class DeclareDeath(Command):
    """Record that a natural person died; voice and likeness are suspended."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"registrar"})

    party: PartyId
    evidence_sha256: Sha256Hex


class RecordScreening(Command):
    """Record the result of screening a payee against sanctions lists."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"registrar"})
    PUBLIC: ClassVar[bool] = False

    party: PartyId
    outcome: Literal["clear", "hit"]
    evidence: Commitment
    expires_at: Instant


class ReplacePayeeDetails(Command):
    """Replace where a party is paid. The details are a commitment: name, IBAN, BIC, country."""

    PUBLIC: ClassVar[bool] = False

    party: PartyId
    details: Commitment
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
