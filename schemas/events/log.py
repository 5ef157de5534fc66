"""Events of the log itself."""

from __future__ import annotations

from typing import ClassVar

from schemas.commands.log import InstanceKey, Policy, PolicyLines
from schemas.events.base import Event, rights
from schemas.ids import PartyId
from schemas.model import Base64Url, Count, Position, Sha256Hex, Text


class LogOpened(Event):
    """Position 1: origin, root key, first keys, policy, trust anchors, witnesses."""

    TOPIC: ClassVar[str] = "LogOpened"

    origin: Text
    ledger_party: PartyId
    operator_party: PartyId
    operator_name: Text
    root_public_key: Base64Url
    checkpoint_vkey: Text
    keys: tuple[InstanceKey, ...]
    policy: Policy
    trust_anchors_sha256: tuple[Sha256Hex, ...]
    witnesses: tuple[Text, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the policy, every key that it enrolls, and the first two parties."""
        keys = (f"key:{row.key}" for row in self.keys)
        return ("policy:log", *keys, *rights([self.ledger_party, self.operator_party]))

    def concerns(self) -> tuple[object, ...]:
        """Concern the ledger's and the operator's parties."""
        return (self.ledger_party, self.operator_party)


class WitnessPolicyReplaced(Event):
    """From here on other witnesses are asked, and another quorum makes a checkpoint accepted."""

    TOPIC: ClassVar[str] = "WitnessPolicyReplaced"

    witnesses: PolicyLines

    def scopes(self) -> tuple[str, ...]:
        """Move the policy."""
        return ("policy:log",)


class KeysOfLogReplaced(Event):
    """From here on the log is signed by these: entries and checkpoints, and by no other key.

    It follows, in the same command, a key of the log that was enrolled or revoked. Two checkpoint
    keys sign side by side while one is being replaced.
    """

    TOPIC: ClassVar[str] = "KeysOfLogReplaced"

    keys: tuple[InstanceKey, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the policy: every decision reads it, so none is signed by a key of before."""
        return ("policy:log",)


class IndexRootPublished(Event):
    """The root of the verifiable index over the entries up to `through`, of so many subjects.

    It touches no subject itself: publishing alone never makes the next root differ.
    """

    TOPIC: ClassVar[str] = "IndexRootPublished"

    through: Position
    root: Sha256Hex
    subjects: Count

    def scopes(self) -> tuple[str, ...]:
        """Move the index."""
        return ("index:log",)
