"""Events about parties, their keys and their mandates."""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.events.base import Event, rights
from schemas.identifiers import IpiBase, IpiName, Ipn, Isni
from schemas.ids import KeyId, MandateId, PartyId
from schemas.lists import Capacity, KeyRole, Use
from schemas.model import Base64Url, Commitment, Sha256Hex, Text
from schemas.period import Instant, LocalInstant
from schemas.territory import Country, Territories


class PartyRegistered(Event):
    """A party was registered. A natural person's name is a commitment."""

    TOPIC: ClassVar[str] = "PartyRegistered"

    party: PartyId
    kind: Literal["person", "organization"]
    name: Text | Commitment
    isni: Isni | None
    ipi_name: IpiName | None
    ipi_base: IpiBase | None
    ipn: Ipn | None
    residence: Country | None

    def scopes(self) -> tuple[str, ...]:
        """Move the party and its unique names (ISNI, IPI base number)."""
        names = {"isni": self.isni, "ipi_base": self.ipi_base}
        taken = (f"name:{scheme}/{value}" for scheme, value in names.items() if value)
        return (*rights([self.party]), *taken)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class KeyProposed(Event):
    """A key proved its possession and waits for confirmation."""

    TOPIC: ClassVar[str] = "KeyProposed"

    key: KeyId
    party: PartyId
    public_key: Base64Url
    roles: tuple[KeyRole, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the key."""
        return (f"key:{self.key}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class KeyEnrolled(Event):
    """A key was confirmed and may sign from this position."""

    TOPIC: ClassVar[str] = "KeyEnrolled"

    key: KeyId
    party: PartyId
    public_key: Base64Url
    roles: tuple[KeyRole, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the key."""
        return (f"key:{self.key}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class KeyRevoked(Event):
    """A key was revoked from this position; consents it signed since `compromised_since` contest.

    The party's rights scope moves too: contested consents change what the party permits.
    """

    TOPIC: ClassVar[str] = "KeyRevoked"

    key: KeyId
    party: PartyId
    reason: Literal["rotated", "lost", "stolen", "left"]
    compromised_since: Instant | None

    def scopes(self) -> tuple[str, ...]:
        """Move the key, and the party where consents become contested."""
        contests = rights([self.party]) if self.compromised_since else ()
        return (f"key:{self.key}", *contests)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class MandateGranted(Event):
    """A representative may act for the grantor within what is named."""

    TOPIC: ClassVar[str] = "MandateGranted"

    mandate: MandateId
    grantor: PartyId
    mandatee: PartyId
    capacities: tuple[Capacity, ...]
    uses: tuple[Use, ...]
    territories: Territories
    effective_from: LocalInstant | None
    effective_until: LocalInstant | None
    exclusive: bool
    may_revoke: bool

    def scopes(self) -> tuple[str, ...]:
        """Move the mandate and its grantor's rights; never the mandatee's."""
        return (f"mandate:{self.mandate}", *rights([self.grantor]))

    def concerns(self) -> tuple[object, ...]:
        """Concern both parties."""
        return (self.grantor, self.mandatee)


class MandateRevoked(Event):
    """A mandate ended: the power to act, not the acts."""

    TOPIC: ClassVar[str] = "MandateRevoked"

    mandate: MandateId
    grantor: PartyId
    mandatee: PartyId
    reason: Text

    def scopes(self) -> tuple[str, ...]:
        """Move the mandate and its grantor's rights."""
        return (f"mandate:{self.mandate}", *rights([self.grantor]))

    def concerns(self) -> tuple[object, ...]:
        """Concern both parties."""
        return (self.grantor, self.mandatee)


class PartyDeceased(Event):
    """A natural person died; voice and likeness are suspended."""

    TOPIC: ClassVar[str] = "PartyDeceased"

    party: PartyId
    evidence_sha256: Sha256Hex

    def scopes(self) -> tuple[str, ...]:
        """Move the party's rights and its money."""
        return (*rights([self.party]), f"money:{self.party}")

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class PartyScreened(Event):
    """A payee was screened; the evidence is a commitment."""

    TOPIC: ClassVar[str] = "PartyScreened"

    party: PartyId
    outcome: Literal["clear", "hit"]
    evidence: Commitment
    expires_at: Instant

    def scopes(self) -> tuple[str, ...]:
        """Move the party's money."""
        return (f"money:{self.party}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class PayeeDetailsReplaced(Event):
    """Where a party is paid was replaced; payouts wait until `cool_off_until`."""

    TOPIC: ClassVar[str] = "PayeeDetailsReplaced"

    party: PartyId
    details: Commitment
    currency: str
    cool_off_until: Instant

    def scopes(self) -> tuple[str, ...]:
        """Move the party's money."""
        return (f"money:{self.party}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)
