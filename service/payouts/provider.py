"""What a payout provider must do, whatever bank or payment service is behind it.

The ledger instructs first, the provider is told afterwards. So a crash in between, or before the
provider's answer is written down, ends with the provider being told again under the same key; it
then answers as it did before, and the bank pays once.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from schemas.ids import id_of
from service.payouts.details import PayeeDetails

Status = Literal["settled", "failed", "returned"]
"""What a bank says about a payment: paid, not paid, or paid and come back."""


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """A payout as the bank must be told. `amount_minor` is in the currency's own unit.

    `key` is the idempotency key of the ledger's entry (64 hexadecimal digits), `instructed_at` the
    entry's time: everything here follows from the log, so a retry tells exactly the same.
    """

    payout: str
    key: str
    statement: str
    month: str
    amount_minor: int
    currency: str
    payee: PayeeDetails
    instructed_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """The provider's answer: its reference, and whether it had been told before."""

    reference: str
    replayed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a payout. `id` names this message of the bank for ever.

    `salt` (16 bytes) was drawn once and is kept with the message: a retry must make the same
    commitment to the bank's reference, or its statement would be another one.
    """

    id: str
    payout: str
    status: Status
    reference: str
    reason: str
    salt: bytes

    @property
    def command_id(self) -> str:
        """The id of the command that records it: the same however often it is tried."""
        raw = bytearray(hashlib.sha256(f"payout outcome/{self.id}".encode()).digest()[:16])
        raw[6] = 0x70 | raw[6] & 0x0F  # RFC 9562, section 4.2: version 7
        raw[8] = 0x80 | raw[8] & 0x3F  # section 4.1: the variant
        return id_of("cmd", uuid.UUID(bytes=bytes(raw)))


class ProviderError(Exception):
    """The provider cannot be told this, now or ever: a person must look. Nothing was paid."""


class PayoutProvider(Protocol):
    """Tells a bank, and hears from it."""

    def instruct(self, order: PayoutOrder) -> Told:
        """Tell the bank to pay. The same key gives the same answer and pays once.

        Raises `ProviderError` where another order was told under this key.
        """
        ...

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what the bank has said and nobody called `done` on, in the order it was said."""
        ...

    def done(self, outcome: Outcome) -> None:
        """Never yield this outcome again: it is in the log."""
        ...
