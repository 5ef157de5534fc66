"""Commands about recordings, works, links, credits, stems and the inference set."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.commands.base import Command
from schemas.fractions import FractionText
from schemas.identifiers import Isrc, Iswc
from schemas.ids import CreditId, LinkId, ModelId, PartyId, RecordingId, RecordingOrWork, WorkId
from schemas.lists import KeyRole, Parameter, Purpose
from schemas.model import Count, Sha256Hex, Text, Wire
from schemas.terms import AudioIdentity


class RegisterRecording(Command):
    """Register a recording from real audio, by the two hashes of contracts section 3."""

    recording: RecordingId
    title: Text
    artist: Text
    isrc: Isrc | None = None
    duration_ms: Annotated[Count, Field(ge=1)]
    sample_rate_hz: Annotated[int, Field(ge=1, le=768_000)]
    audio: AudioIdentity


class RegisterStem(Command):
    """Register a stem of a recording: one instrument or voice by itself."""

    recording: RecordingId
    stem: Parameter
    audio: AudioIdentity


class RegisterWork(Command):
    """Register a musical work."""

    work: WorkId
    title: Text
    iswc: Iswc | None = None


class LinkRecordingToWork(Command):
    """Propose that a recording performs a work; `fraction` of the publishing side, or none."""

    link: LinkId
    recording: RecordingId
    work: WorkId
    fraction: FractionText | None = None


class ConfirmLink(Command):
    """Confirm a proposed link."""

    link: LinkId


class CreditContributor(Command):
    """Propose a credit: who performed on a recording or wrote a work.

    `vocal` with `stems`: the stems on which a singer is heard; none named means all.
    """

    credit: CreditId
    asset: RecordingOrWork
    party: PartyId
    role: Text
    featured: bool = False
    vocal: bool = False
    stems: tuple[Parameter, ...] = ()


class ConfirmCredit(Command):
    """Confirm a proposed credit."""

    credit: CreditId


class VocalPerformer(Wire):
    """A singer, and the stems on which the voice is heard; none named means all."""

    party: PartyId
    stems: tuple[Parameter, ...] = ()


class DeclareVocals(Command):
    """Say who sings on a recording: nobody, a machine, or the performers named."""

    credit: CreditId
    recording: RecordingId
    vocals: Literal["none", "synthetic", "performers"]
    performers: tuple[VocalPerformer, ...] = ()


class ConfirmVocals(Command):
    """Confirm a declaration of vocals; it replaces the one before."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"registrar"})

    credit: CreditId


class DeclarePublicDomain(Command):
    """Declare that a work is in the public domain; it asks nobody and earns nothing."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"registrar"})

    work: WorkId
    evidence_sha256: Sha256Hex


class DeclareMoralRestriction(Command):
    """Veto purposes for an asset by moral right: a credited performer or author."""

    asset: RecordingOrWork
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]


class LiftMoralRestriction(Command):
    """Lift one's own moral restriction of an asset."""

    asset: RecordingOrWork


class EnterInferenceSet(Command):
    """Enter a recording into the inference set of a model version."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"platform"})

    recording: RecordingId
    model: ModelId


class LeaveInferenceSet(Command):
    """Take a recording out of the inference set of a model version."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"platform"})

    recording: RecordingId
    model: ModelId
    reason: Text
