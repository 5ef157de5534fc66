"""What questions about the catalog are answered with.

`position` is the one from which a row has been known as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from schemas.terms import AudioIdentity, Capabilities, ModelLicense, TariffRow
from schemas.territory import Territories


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party. A natural person's name is None where its opening was erased."""

    party: str
    kind: str
    name: str | None
    isni: str | None
    ipi_name: str | None
    ipi_base: str | None
    ipn: str | None
    residence: str | None
    deceased: bool
    time: datetime
    position: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key: `proposed`, `enrolled` or `revoked`."""

    key: str
    party: str
    public_key: str
    roles: tuple[str, ...]
    status: str
    reason: str | None
    compromised_since: datetime | None
    position: int


@dataclass(frozen=True, slots=True)
class Window:
    """The law's window, half-open; None: since ever, without end."""

    since: datetime | None
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Tell whether an instant lies inside."""
        begun = self.since is None or self.since <= moment
        return begun and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate: `granted` or `revoked`."""

    mandate: str
    grantor: str
    mandatee: str
    capacities: tuple[str, ...]
    uses: tuple[str, ...]
    territories: Territories
    exclusive: bool
    may_revoke: bool
    window: Window
    status: str
    position: int


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording and the two hashes of its audio."""

    recording: str
    title: str
    artist: str
    isrc: str | None
    duration_ms: int
    sample_rate_hz: int
    audio: AudioIdentity
    registrant: str
    time: datetime
    position: int


@dataclass(frozen=True, slots=True)
class StemRow:
    """A stem of a recording."""

    recording: str
    stem: str
    audio: AudioIdentity
    position: int


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A work."""

    work: str
    title: str
    iswc: str | None
    registrant: str
    public_domain: bool
    time: datetime
    position: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link of a recording to a work: `proposed` or `confirmed`."""

    link: str
    recording: str
    work: str
    fraction: Fraction | None
    status: str
    position: int


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A credit: `proposed` or `confirmed`."""

    credit: str
    asset: str
    party: str
    role: str
    featured: bool
    vocal: bool
    stems: tuple[str, ...]
    status: str
    position: int


@dataclass(frozen=True, slots=True)
class VocalsRow:
    """Who sings, as `proposed` or `confirmed`: `none`, `synthetic`, or performers with stems."""

    credit: str
    recording: str
    vocals: str
    performers: tuple[dict[str, Any], ...]
    status: str
    position: int


@dataclass(frozen=True, slots=True)
class ShareClaim:
    """A share in the words of its claim: `claimed`, `confirmed` or `withdrawn`.

    What is left of a confirmed one after others were confirmed out of it: the permissions.
    """

    share: str
    asset: str
    party: str
    fraction: Fraction
    territories: Territories
    window: Window
    status: str
    confirmer: str | None
    position: int


@dataclass(frozen=True, slots=True)
class RestrictionRow:
    """Purposes that a performer or author vetoed for an asset."""

    asset: str
    party: str
    purposes: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class InferenceRow:
    """A recording in the inference set of a model version."""

    recording: str
    model: str
    position: int


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model version: `registered` or `retired`."""

    model: str
    name: str
    version: str
    provider: str
    weights_sha256: str | None
    training: str
    license: ModelLicense
    capabilities: Capabilities
    status: str
    position: int


@dataclass(frozen=True, slots=True)
class TariffVersion:
    """A tariff: `published` or `withdrawn`."""

    tariff: str
    name: str
    rows: tuple[TariffRow, ...]
    pool_rate: Fraction
    credit_prior_fee: bool
    window: Window
    status: str
    position: int


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a search found: its kind, its id, and how people call it."""

    kind: str
    id: str
    label: str
