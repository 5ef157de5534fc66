"""Events about recordings, works, links, credits, vocals, stems and the inference set.

A proposal moves only its own `claim:` scope and is `about:` those it concerns: unconfirmed, it
clears nothing, blocks nothing and earns nothing.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.commands.catalog import VocalPerformer
from schemas.events.base import Event, rights
from schemas.fractions import LowestFraction
from schemas.identifiers import Isrc, Iswc
from schemas.ids import CreditId, LinkId, ModelId, PartyId, RecordingId, RecordingOrWork, WorkId
from schemas.lists import Parameter, Purpose
from schemas.model import Count, Sha256Hex, Text
from schemas.terms import AudioIdentity


class RecordingRegistered(Event):
    """A recording was registered from real audio."""

    TOPIC: ClassVar[str] = "RecordingRegistered"

    recording: RecordingId
    title: Text
    artist: Text
    isrc: Isrc | None
    duration_ms: Count
    sample_rate_hz: Count
    audio: AudioIdentity
    registrant: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the recording."""
        return rights([self.recording])

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording and who registered it."""
        return (self.recording, self.registrant)


class StemRegistered(Event):
    """A stem of a recording was registered."""

    TOPIC: ClassVar[str] = "StemRegistered"

    recording: RecordingId
    stem: Parameter
    audio: AudioIdentity

    def scopes(self) -> tuple[str, ...]:
        """Move the recording."""
        return rights([self.recording])

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording."""
        return (self.recording,)


class WorkRegistered(Event):
    """A work was registered."""

    TOPIC: ClassVar[str] = "WorkRegistered"

    work: WorkId
    title: Text
    iswc: Iswc | None
    registrant: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the work."""
        return rights([self.work])

    def concerns(self) -> tuple[object, ...]:
        """Concern the work and who registered it."""
        return (self.work, self.registrant)


class RecordingLinkProposed(Event):
    """Somebody said that a recording performs a work; unconfirmed."""

    TOPIC: ClassVar[str] = "RecordingLinkProposed"

    link: LinkId
    recording: RecordingId
    work: WorkId
    fraction: LowestFraction | None
    proposer: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the claim alone."""
        return (f"claim:{self.link}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording, the work and the proposer."""
        return (self.recording, self.work, self.proposer)


class RecordingLinkedToWork(Event):
    """A recording was linked to the work it performs; confirmed."""

    TOPIC: ClassVar[str] = "RecordingLinkedToWork"

    link: LinkId
    recording: RecordingId
    work: WorkId
    fraction: LowestFraction | None

    def scopes(self) -> tuple[str, ...]:
        """Move the claim, the recording and the work."""
        return (f"claim:{self.link}", *rights([self.recording, self.work]))

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording and the work."""
        return (self.recording, self.work)


class ContributorCreditProposed(Event):
    """Somebody proposed a credit; unconfirmed."""

    TOPIC: ClassVar[str] = "ContributorCreditProposed"

    credit: CreditId
    asset: RecordingOrWork
    party: PartyId
    role: Text
    featured: bool
    vocal: bool
    stems: tuple[Parameter, ...]
    proposer: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the claim alone."""
        return (f"claim:{self.credit}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the asset, the credited party and the proposer."""
        return (self.asset, self.party, self.proposer)


class ContributorCredited(Event):
    """A contributor was credited; confirmed."""

    TOPIC: ClassVar[str] = "ContributorCredited"

    credit: CreditId
    asset: RecordingOrWork
    party: PartyId
    role: Text
    featured: bool
    vocal: bool
    stems: tuple[Parameter, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the claim and the asset."""
        return (f"claim:{self.credit}", *rights([self.asset]))

    def concerns(self) -> tuple[object, ...]:
        """Concern the asset and the credited party."""
        return (self.asset, self.party)


class VocalsProposed(Event):
    """Somebody said who sings on a recording; unconfirmed."""

    TOPIC: ClassVar[str] = "VocalsProposed"

    credit: CreditId
    recording: RecordingId
    vocals: Literal["none", "synthetic", "performers"]
    performers: tuple[VocalPerformer, ...]
    proposer: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the claim alone."""
        return (f"claim:{self.credit}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording, the performers and the proposer."""
        return (self.recording, *(row.party for row in self.performers), self.proposer)


class VocalsDeclared(Event):
    """Who sings on a recording was confirmed; it replaces what was declared before."""

    TOPIC: ClassVar[str] = "VocalsDeclared"

    credit: CreditId
    recording: RecordingId
    vocals: Literal["none", "synthetic", "performers"]
    performers: tuple[VocalPerformer, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the claim and the recording."""
        return (f"claim:{self.credit}", *rights([self.recording]))

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording and the performers."""
        return (self.recording, *(row.party for row in self.performers))


class WorkDeclaredPublicDomain(Event):
    """A work was declared to be in the public domain."""

    TOPIC: ClassVar[str] = "WorkDeclaredPublicDomain"

    work: WorkId
    evidence_sha256: Sha256Hex

    def scopes(self) -> tuple[str, ...]:
        """Move the work."""
        return rights([self.work])

    def concerns(self) -> tuple[object, ...]:
        """Concern the work."""
        return (self.work,)


class MoralRightRestrictionDeclared(Event):
    """A performer or author vetoed purposes for an asset."""

    TOPIC: ClassVar[str] = "MoralRightRestrictionDeclared"

    asset: RecordingOrWork
    party: PartyId
    purposes: tuple[Purpose, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the asset."""
        return rights([self.asset])

    def concerns(self) -> tuple[object, ...]:
        """Concern the asset and the party."""
        return (self.asset, self.party)


class MoralRightRestrictionLifted(Event):
    """A performer or author lifted their restriction of an asset."""

    TOPIC: ClassVar[str] = "MoralRightRestrictionLifted"

    asset: RecordingOrWork
    party: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the asset."""
        return rights([self.asset])

    def concerns(self) -> tuple[object, ...]:
        """Concern the asset and the party."""
        return (self.asset, self.party)


class RecordingEnteredInferenceSet(Event):
    """A recording entered the inference set of a model version."""

    TOPIC: ClassVar[str] = "RecordingEnteredInferenceSet"

    recording: RecordingId
    model: ModelId

    def scopes(self) -> tuple[str, ...]:
        """Move the recording."""
        return rights([self.recording])

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording and the model version."""
        return (self.recording, self.model)


class RecordingLeftInferenceSet(Event):
    """A recording left the inference set of a model version."""

    TOPIC: ClassVar[str] = "RecordingLeftInferenceSet"

    recording: RecordingId
    model: ModelId
    reason: Text

    def scopes(self) -> tuple[str, ...]:
        """Move the recording."""
        return rights([self.recording])

    def concerns(self) -> tuple[object, ...]:
        """Concern the recording and the model version."""
        return (self.recording, self.model)
