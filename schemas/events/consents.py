"""Events about consent.

Consents that name assets move those assets' scopes; a catalog-wide consent and "revoke everything"
move the party's own scope, one event and no list (contracts, section 4).
"""

from __future__ import annotations

from typing import ClassVar

from schemas.events.base import Event, rights
from schemas.ids import ConsentId, KeyId, PartyId, RecordingOrWork
from schemas.model import Text
from schemas.period import Instant
from schemas.terms import AppliesTo, Consent


def reach(applies_to: AppliesTo) -> tuple[str, ...]:
    """Return the ids whose rights a consent speaks about: assets, or the party of a catalog."""
    if applies_to.catalog is not None:
        return (applies_to.catalog,)
    return (*applies_to.recordings, *applies_to.works)


class ConsentGranted(Event):
    """A party said yes to exactly these uses. `signed_by` is the key of the statement."""

    TOPIC: ClassVar[str] = "ConsentGranted"

    consent: Consent
    signed_by: KeyId
    territories_version: Text

    def scopes(self) -> tuple[str, ...]:
        """Move the consent's own scope and whatever it speaks about."""
        return (f"consent:{self.consent.consent}", *rights(reach(self.consent.applies_to)))

    def concerns(self) -> tuple[object, ...]:
        """Concern the grantor, the consent and the assets."""
        return (self.consent.grantor, self.consent.consent, *reach(self.consent.applies_to))


class _ConsentReplaced(Event):
    """The whole new consent under its old id, acting from an instant."""

    consent: Consent
    formerly: AppliesTo
    signed_by: KeyId
    acts_from: Instant
    territories_version: Text

    def scopes(self) -> tuple[str, ...]:
        """Move the consent's own scope and whatever it speaks, or spoke, about."""
        assets = (*reach(self.consent.applies_to), *reach(self.formerly))
        return (f"consent:{self.consent.consent}", *rights(assets))

    def concerns(self) -> tuple[object, ...]:
        """Concern the grantor, the consent and the assets, also those left out now."""
        assets = (*reach(self.consent.applies_to), *reach(self.formerly))
        return (self.consent.grantor, self.consent.consent, *assets)


class ConsentNarrowed(_ConsentReplaced):
    """A consent was replaced by one that permits less somewhere, costs more, or lasts shorter."""

    TOPIC: ClassVar[str] = "ConsentNarrowed"


class ConsentWidened(_ConsentReplaced):
    """A consent was replaced by one that permits at least as much everywhere."""

    TOPIC: ClassVar[str] = "ConsentWidened"


class ConsentRevoked(Event):
    """One consent, one asset, or everything of the party was revoked, from `acts_from`.

    `applies_to` repeats what a single consent applied to.
    """

    TOPIC: ClassVar[str] = "ConsentRevoked"

    party: PartyId
    consent: ConsentId | None
    asset: RecordingOrWork | None
    everything: bool
    applies_to: AppliesTo | None
    acts_from: Instant
    reason: Text | None

    def scopes(self) -> tuple[str, ...]:
        """Move the consent and its assets, or the asset, or the party alone for everything."""
        if self.everything:
            return rights([self.party])
        if self.asset is not None:
            return rights([self.asset])
        assert self.applies_to is not None
        return (f"consent:{self.consent}", *rights(reach(self.applies_to)))

    def concerns(self) -> tuple[object, ...]:
        """Concern the party, the consent and the assets."""
        assets = reach(self.applies_to) if self.applies_to else ()
        return (self.party, self.consent, self.asset, *assets)


class ConsentAffirmed(Event):
    """A consent was affirmed: countersigned, or no longer contested."""

    TOPIC: ClassVar[str] = "ConsentAffirmed"

    consent: ConsentId
    party: PartyId
    applies_to: AppliesTo
    signed_by: KeyId

    def scopes(self) -> tuple[str, ...]:
        """Move the consent and whatever it speaks about."""
        return (f"consent:{self.consent}", *rights(reach(self.applies_to)))

    def concerns(self) -> tuple[object, ...]:
        """Concern the party, the consent and the assets."""
        return (self.party, self.consent, *reach(self.applies_to))
