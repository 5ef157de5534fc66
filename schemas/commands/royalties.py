"""Commands about royalty statements, payouts and holds."""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.commands.base import Command
from schemas.ids import PartyId, PayoutId, StatementId
from schemas.lists import KeyRole
from schemas.model import Commitment, Position, Text
from schemas.period import Month


class CloseRoyaltyStatement(Command):
    """Close a party's royalty statement for a month, over the accruals up to `through`.

    Accruals up to a position never change, so the closing reads settled history.
    """

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"finance", "process"})

    statement: StatementId
    party: PartyId
    month: Month
    through: Position


class InstructPayout(Command):
    """Instruct the payment of what closed statements made payable to a party."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"finance"})

    payout: PayoutId
    statement: StatementId
    party: PartyId


class SettlePayout(Command):
    """Record that the bank paid."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})
    PUBLIC: ClassVar[bool] = False

    payout: PayoutId
    bank_reference: Commitment


class FailPayout(Command):
    """Record that the bank did not pay; the amount is payable again."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})

    payout: PayoutId
    reason: Text


class ReturnPayout(Command):
    """Record that a settled payment came back; the payee is put on hold for bank details."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})

    payout: PayoutId
    reason: Text


class PlaceHold(Command):
    """Hold a party's payouts. Accrual continues."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"finance"})

    party: PartyId
    reason: Literal["kyc", "sanctions", "tax", "bank_details", "deceased", "court_order"]


class ReleaseHold(Command):
    """Release a hold: another officer than the one who placed it."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"finance"})

    party: PartyId
    reason: Literal["kyc", "sanctions", "tax", "bank_details", "deceased", "court_order"]
