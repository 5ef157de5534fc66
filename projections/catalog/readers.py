"""From rows of the catalog's tables to records."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from projections.base import from_json, from_us
from projections.catalog.records import (
    CreditRow,
    InferenceRow,
    KeyRow,
    LinkRow,
    MandateRow,
    ModelRow,
    PartyRow,
    RecordingRow,
    RestrictionRow,
    ShareClaim,
    StemRow,
    TariffVersion,
    VocalsRow,
    Window,
    WorkRow,
)
from projections.database import Row
from schemas.terms import AudioIdentity, Capabilities, ModelLicense, TariffRow
from schemas.territory import Territories


def party(row: Row) -> PartyRow:
    """Read a party."""
    return PartyRow(
        party=row["party"],
        kind=row["kind"],
        name=row["name"],
        isni=row["isni"],
        ipi_name=row["ipi_name"],
        ipi_base=row["ipi_base"],
        ipn=row["ipn"],
        residence=row["residence"],
        deceased=row["died_position"] is not None,
        time=from_us(row["time_us"]),
        position=row["position"],
    )


def key(row: Row) -> KeyRow:
    """Read a key."""
    return KeyRow(
        key=row["key_id"],
        party=row["party"],
        public_key=row["public_key"],
        roles=_texts(row["roles"]),
        status=row["status"],
        reason=row["reason"],
        compromised_since=_instant(row["compromised_since_us"]),
        position=row["from_position"],
    )


def mandate(row: Row) -> MandateRow:
    """Read a mandate."""
    return MandateRow(
        mandate=row["mandate"],
        grantor=row["grantor"],
        mandatee=row["mandatee"],
        capacities=_texts(row["capacities"]),
        uses=_texts(row["uses"]),
        territories=_territories(row),
        exclusive=bool(row["exclusive"]),
        may_revoke=bool(row["may_revoke"]),
        window=_window(row),
        status=row["status"],
        position=row["from_position"],
    )


def recording(row: Row) -> RecordingRow:
    """Read a recording."""
    return RecordingRow(
        recording=row["recording"],
        title=row["title"],
        artist=row["artist"],
        isrc=row["isrc"],
        duration_ms=row["duration_ms"],
        sample_rate_hz=row["sample_rate_hz"],
        audio=_audio(row),
        registrant=row["registrant"],
        time=from_us(row["time_us"]),
        position=row["position"],
    )


def stem(row: Row) -> StemRow:
    """Read a stem."""
    return StemRow(row["recording"], row["stem"], _audio(row), row["from_position"])


def work(row: Row) -> WorkRow:
    """Read a work."""
    return WorkRow(
        work=row["work"],
        title=row["title"],
        iswc=row["iswc"],
        registrant=row["registrant"],
        public_domain=row["public_domain_position"] is not None,
        time=from_us(row["time_us"]),
        position=row["position"],
    )


def link(row: Row) -> LinkRow:
    """Read a link."""
    return LinkRow(
        link=row["link"],
        recording=row["recording"],
        work=row["work"],
        fraction=None if row["fraction"] is None else Fraction(row["fraction"]),
        status=row["status"],
        position=row["from_position"],
    )


def credit(row: Row) -> CreditRow:
    """Read a credit."""
    return CreditRow(
        credit=row["credit"],
        asset=row["asset"],
        party=row["party"],
        role=row["role"],
        featured=bool(row["featured"]),
        vocal=bool(row["vocal"]),
        stems=_texts(row["stems"]),
        status=row["status"],
        position=row["from_position"],
    )


def vocals(row: Row) -> VocalsRow:
    """Read a declaration of who sings."""
    return VocalsRow(
        credit=row["credit"],
        recording=row["recording"],
        vocals=row["vocals"],
        performers=tuple(from_json(row["performers"])),
        status=row["status"],
        position=row["from_position"],
    )


def share(row: Row) -> ShareClaim:
    """Read a claim of a share."""
    return ShareClaim(
        share=row["share"],
        asset=row["asset"],
        party=row["party"],
        fraction=Fraction(row["fraction"]),
        territories=_territories(row),
        window=_window(row),
        status=row["status"],
        confirmer=row["confirmer"],
        position=row["from_position"],
    )


def restriction(row: Row) -> RestrictionRow:
    """Read a moral restriction."""
    return RestrictionRow(row["asset"], row["party"], _texts(row["purposes"]), row["from_position"])


def inference(row: Row) -> InferenceRow:
    """Read a membership of an inference set."""
    return InferenceRow(row["recording"], row["model"], row["from_position"])


def model(row: Row) -> ModelRow:
    """Read a model version."""
    return ModelRow(
        model=row["model"],
        name=row["name"],
        version=row["version"],
        provider=row["provider"],
        weights_sha256=row["weights_sha256"],
        training=row["training"],
        license=ModelLicense.read(from_json(row["license"]), recorded=True),
        capabilities=Capabilities.read(from_json(row["capabilities"]), recorded=True),
        status=row["status"],
        position=row["from_position"],
    )


def tariff(row: Row) -> TariffVersion:
    """Read a tariff."""
    return TariffVersion(
        tariff=row["tariff"],
        name=row["name"],
        rows=tuple(TariffRow.read(each, recorded=True) for each in from_json(row["prices"])),
        pool_rate=Fraction(row["pool_rate"]),
        credit_prior_fee=bool(row["credit_prior_fee"]),
        window=_window(row),
        status=row["status"],
        position=row["from_position"],
    )


def _audio(row: Row) -> AudioIdentity:
    return AudioIdentity(
        file_sha256=row["file_sha256"],
        frames_sha256=row["frames_sha256"],
        decoder=row["decoder"],
    )


def _window(row: Row) -> Window:
    return Window(_instant(row["effective_from_us"]), _instant(row["effective_until_us"]))


def _territories(row: Row) -> Territories:
    return Territories.model_validate(from_json(row["territories"]))


def _texts(text: str) -> tuple[str, ...]:
    return tuple(from_json(text))


def _instant(moment_us: int | None) -> datetime | None:
    return None if moment_us is None else from_us(moment_us)
