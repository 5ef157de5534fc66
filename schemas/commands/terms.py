"""Commands about tariffs and model versions."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.commands.base import Command
from schemas.fractions import FractionText
from schemas.ids import ModelId, TariffId
from schemas.lists import KeyRole
from schemas.model import ROWS_MAX, Sha256Hex, Text
from schemas.period import LocalInstant
from schemas.terms import Capabilities, ModelLicense, TariffRow


class PublishTariff(Command):
    """Publish a tariff: prices by tier, channel and country, and the rights pool's fraction."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"platform"})

    tariff: TariffId
    name: Text
    rows: Annotated[tuple[TariffRow, ...], Field(min_length=1, max_length=ROWS_MAX)]
    pool_rate: FractionText
    credit_prior_fee: bool = True
    effective_from: LocalInstant | None = None
    effective_until: LocalInstant | None = None


class WithdrawTariff(Command):
    """Withdraw a tariff. Authorizations that cite it keep it."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"platform"})

    tariff: TariffId
    reason: Text


class RegisterModel(Command):
    """Register a model version with what it can do, what it copies, and its license."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"platform"})

    model: ModelId
    name: Text
    version: Text
    provider: Text
    weights_sha256: Sha256Hex | None = None
    training: Text
    license: ModelLicense
    capabilities: Capabilities


class RetireModel(Command):
    """Retire a model version: it takes no new generations."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"platform"})

    model: ModelId
    reason: Text
