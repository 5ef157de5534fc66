"""The terms that commands and events share: consent, request, tariff, capabilities.

Source: contracts, section 6. Field names and closed lists are wire format: adding one is a new
version, renaming one is history lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from schemas.fractions import FractionText, LowestFraction, parse_fraction
from schemas.ids import (
    ConsentId,
    GenerationId,
    ModelId,
    PartyId,
    RecordingId,
    RecordingOrWork,
    WorkId,
)
from schemas.lists import Capacity, Channel, Module, Parameter, Purpose, Role, Side, Tier, Use
from schemas.model import ROWS_MAX, Commitment, Count, Position, Sha256Hex, Text, Wire
from schemas.money import Money
from schemas.period import LocalInstant
from schemas.refusals import Malformed
from schemas.territory import Territories
from schemas.values import Recoded, coded, fault

REFERENCES_MAX = 64
"""References of one generation (contracts, section 1): each is an ingredient of the manifest."""


def _or(code: str) -> Recoded:
    """Answer whatever is not in a closed list with a code of its own."""

    def validate(value: Any, inner: Callable[[Any], Any]) -> Any:
        try:
            return inner(value)
        except ValidationError as error:
            raise fault(Malformed(code)) from error

    return Recoded(validate)


def _weight(text: str) -> str:
    """Refuse a weight of zero or below; a false weight in a manifest is false provenance."""
    bare = text.removeprefix("-")
    if bare.lower() == "nan" or parse_fraction(bare) == 0 or bare != text:
        raise Malformed("weight_zero", f"a weight is above zero: {text[:40]!r}")
    return text


KnownTier = Annotated[Tier, _or("tier_unknown")]
"""A tier; anything else is `tier_unknown`."""

KnownUse = Annotated[Use, _or("use_invalid")]
"""A use; anything else is `use_invalid`."""

KnownParameter = Annotated[Parameter, _or("use_invalid")]
"""A parameter; anything else is `use_invalid`."""

KnownRole = Annotated[Role, _or("use_invalid")]
"""A role; anything else is `use_invalid`."""

WeightText = Annotated[str, coded(_weight)]
"""A weight in any form of a fraction, above zero (rules, section 7, row 14)."""


class AudioIdentity(Wire):
    """The two hashes by which audio is known (contracts, section 3)."""

    file_sha256: Sha256Hex
    frames_sha256: Sha256Hex
    decoder: Text


class AppliesTo(Wire):
    """What a consent covers: named recordings, named works, or a party's whole catalog."""

    recordings: Annotated[tuple[RecordingId, ...], Field(max_length=ROWS_MAX)] = ()
    works: Annotated[tuple[WorkId, ...], Field(max_length=ROWS_MAX)] = ()
    catalog: PartyId | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> AppliesTo:
        kinds = [bool(self.recordings), bool(self.works), self.catalog is not None]
        if sum(kinds) != 1:
            raise Malformed("consent_invalid", "name recordings, or works, or a catalog")
        return self


class RevocationTerms(Wire):
    """What a revocation does, agreed when the consent is given."""

    REPEATED = True

    notice_days: Annotated[int, Field(ge=0, le=3660)] = 0
    in_flight: Literal["complete", "cancel"] = "complete"
    survives: bool = True


class ConsentText(Wire):
    """The text that a person saw when consenting, by hash."""

    REPEATED = True

    sha256: Sha256Hex
    language: Annotated[str, Field(min_length=2, max_length=35)]
    version: Text
    shown: bool


class Consent(Wire):
    """One consent in final words (contracts, section 6). Whatever is not named is not permitted."""

    CODE = "consent_invalid"

    consent: ConsentId
    grantor: PartyId
    capacity: Capacity
    applies_to: AppliesTo
    uses: tuple[Use, ...]
    parameters: tuple[Parameter, ...] | Literal["all"]
    reproduction: bool = False
    tiers: tuple[KnownTier, ...]
    purposes: tuple[Purpose, ...] | Literal["all"]
    channels: tuple[Channel, ...] | Literal["all"]
    models: tuple[ModelId, ...] | Literal["all"]
    modules: tuple[Module, ...]
    territories: Territories
    effective_from: LocalInstant | None = None
    effective_until: LocalInstant | None = None
    floors: dict[KnownTier, Money] = Field(default_factory=dict)
    minimum_weight: FractionText | None = None
    revocation: RevocationTerms = RevocationTerms()
    text: ConsentText


class Segment(Wire):
    """A half-open interval of a recording or of the output, in integer milliseconds."""

    from_ms: Count
    until_ms: Count

    @model_validator(mode="after")
    def _not_empty(self) -> Segment:
        if self.until_ms <= self.from_ms:
            raise Malformed("number_invalid", "an interval ends after it begins")
        return self


class Reference(Wire):
    """One row of a request: what is taken from which recording, and what it does in the output."""

    recording: RecordingId
    use: KnownUse
    parameters: tuple[KnownParameter, ...] = ()
    role: KnownRole
    weight: WeightText
    source: Segment | None = None
    output: Segment | None = None
    stem: KnownParameter | None = None
    by: Literal["person", "procedure"] = "person"


class Request(Wire):
    """A request for a generation (contracts, section 6).

    `territory` is one country or a list of them; each must clear. `upgrades` names an earlier
    generation of the same creator and references whose agreed fees are credited (rules, row 5).
    """

    generation: GenerationId
    references: tuple[Reference, ...]
    weights: Literal["relative", "absolute"]
    model: ModelId
    tier: KnownTier
    purpose: Purpose
    channel: Channel
    territory: str | tuple[str, ...]
    seed: Count
    duration_ms: Count
    prompt: Commitment | None = None
    upgrades: GenerationId | None = None


class TariffRow(Wire):
    """One price: a tier, channels and territories to an amount per generation."""

    tier: KnownTier
    channels: tuple[Channel, ...] | Literal["all"]
    territories: Territories
    price: Money


class Capabilities(Wire):
    """What a model version can honor and what it copies; the rest is refused (clearance, 16)."""

    uses: tuple[Use, ...]
    parameters: tuple[Parameter, ...]
    roles: tuple[Role, ...]
    copying_roles: tuple[Role, ...]
    stems: bool
    references_max: Annotated[int, Field(ge=1, le=REFERENCES_MAX)]
    territories_max: Annotated[int, Field(ge=1, le=300)]
    duration_ms_max: Count
    fed_modules: tuple[Module, ...]
    digital_source_type: Literal[
        "http://cv.iptc.org/newscodes/digitalsourcetype/composite",
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    ]


class ModelLicense(Wire):
    """A model version's own license, and the tiers that it forbids."""

    name: Text
    forbids_tiers: tuple[KnownTier, ...] = ()


class Controller(Wire):
    """Who controls which asset of which side."""

    side: Side
    asset: str
    party: PartyId


class Touched(Wire):
    """A recording that an entry refers to, with its works and controllers repeated.

    Anyone who reads the bundles can so recompute tags and index without any other table
    (contracts, section 1).
    """

    recording: RecordingId
    works: tuple[WorkId, ...]
    controllers: tuple[Controller, ...]
    performers: tuple[PartyId, ...] = ()


class ConsentCited(Wire):
    """A consent that a decision rests on, and the position where its words come from."""

    consent: ConsentId
    position: Position


class AuthorizedReference(Wire):
    """A reference as it was authorized: the row that the manifest repeats, byte for byte.

    `weight` is normalized and in lowest terms. `copied` says that the sound itself is reproduced.
    """

    row: Count
    recording: RecordingId
    isrc: str | None
    title: Text
    works: tuple[WorkId, ...]
    weight: LowestFraction
    use: Use
    parameters: tuple[Parameter, ...]
    role: Role
    source: Segment | None
    output: Segment | None
    stem: Parameter | None
    by: Literal["person", "procedure"]
    copied: bool
    consents: tuple[ConsentCited, ...]


class Leg(Wire):
    """One leaf of the allotment: what one party earns for one asset of one recording.

    `party` is a party id, or `unclaimed`, or `disputed` (clearance, 22). Amount: six decimals.
    """

    recording: RecordingId
    side: Side
    asset: RecordingOrWork
    party: PartyId | Literal["unclaimed", "disputed"]
    amount: Money


class Alternative(Wire):
    """One change that would clear the request (clearance, 18)."""

    change: Literal["drop_parameter", "drop_reference", "tier", "territory"]
    row: Count | None = None
    value: str | None = None
