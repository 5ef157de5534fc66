"""Events about tariffs and model versions."""

from __future__ import annotations

from typing import ClassVar

from schemas.events.base import Event
from schemas.fractions import LowestFraction
from schemas.ids import ModelId, TariffId
from schemas.model import Sha256Hex, Text
from schemas.period import LocalInstant
from schemas.terms import Capabilities, ModelLicense, TariffRow


class TariffPublished(Event):
    """A tariff was published."""

    TOPIC: ClassVar[str] = "TariffPublished"

    tariff: TariffId
    name: Text
    rows: tuple[TariffRow, ...]
    pool_rate: LowestFraction
    credit_prior_fee: bool
    effective_from: LocalInstant | None
    effective_until: LocalInstant | None

    def scopes(self) -> tuple[str, ...]:
        """Move the list of tariffs and the tariff."""
        return ("terms:tariffs", f"terms:{self.tariff}")


class TariffWithdrawn(Event):
    """A tariff was withdrawn."""

    TOPIC: ClassVar[str] = "TariffWithdrawn"

    tariff: TariffId
    reason: Text

    def scopes(self) -> tuple[str, ...]:
        """Move the list of tariffs and the tariff."""
        return ("terms:tariffs", f"terms:{self.tariff}")


class ModelRegistered(Event):
    """A model version was registered."""

    TOPIC: ClassVar[str] = "ModelRegistered"

    model: ModelId
    name: Text
    version: Text
    provider: Text
    weights_sha256: Sha256Hex | None
    training: Text
    license: ModelLicense
    capabilities: Capabilities

    def scopes(self) -> tuple[str, ...]:
        """Move the model version."""
        return (f"terms:{self.model}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the model version."""
        return (self.model,)


class ModelVersionRetired(Event):
    """A model version was retired."""

    TOPIC: ClassVar[str] = "ModelVersionRetired"

    model: ModelId
    reason: Text

    def scopes(self) -> tuple[str, ...]:
        """Move the model version."""
        return (f"terms:{self.model}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the model version."""
        return (self.model,)
