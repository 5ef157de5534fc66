"""Commands of the log itself."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.commands.base import Command
from schemas.ids import KeyId, PartyId
from schemas.lists import KeyRole
from schemas.model import Base64Url, Count, Position, Sha256Hex, Text, Wire


class InstanceKey(Wire):
    """A key enrolled by root when an instance is set up."""

    key: KeyId
    public_key: Base64Url
    roles: Annotated[tuple[KeyRole, ...], Field(min_length=1)]
    party: PartyId


class Policy(Wire):
    """The settings that decisions depend on: in the log, so that an audit decides alike.

    Units: seconds, hours, days, minor units of the currency, as each name says.
    """

    verification_lives_s: Count = 900
    authorization_lives_s: Count = 3600
    payee_cool_off_hours: Count = 0
    payout_threshold_minor: Count = 5000
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    refusal_window_s: Count = 3600


PolicyLines = Annotated[tuple[Text, ...], Field(max_length=96)]
"""Lines of a C2SP tlog-policy: 32 witnesses, 32 groups, the quorum, and a few comments."""


class OpenLog(Command):
    """Open the log: origin, root key, first keys, policy, trust anchors. Position 1, once."""

    origin: Text
    ledger_party: PartyId
    operator_party: PartyId
    operator_name: Text
    root_public_key: Base64Url
    checkpoint_vkey: Text
    keys: tuple[InstanceKey, ...]
    policy: Policy
    trust_anchors_sha256: tuple[Sha256Hex, ...]
    witnesses: tuple[Text, ...] = ()


class ReplaceWitnessPolicy(Command):
    """Replace the witnesses that the log asks, and the quorum by which readers accept it.

    `witnesses` are lines of a policy file without its `log` lines: those follow from the log.
    """

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"operator"})

    witnesses: PolicyLines


class PublishIndexRoot(Command):
    """Publish the root of the verifiable index over the entries up to `through`."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})

    through: Position
    root: Sha256Hex
    subjects: Count
