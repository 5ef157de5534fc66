"""The accrual vector of an authorization: computed and committed once, posted unchanged.

Source: contracts, section 7; clearance, 20-22.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from ledger.rights.allotment import Allotted, allot
from ledger.rights.clearance_price import Agreed
from schemas import canonical
from schemas.events.generations import FeeAgreed
from schemas.making import made
from schemas.money import Money, floor_to_minor
from schemas.refusals import Malformed
from schemas.terms import Leg, Touched

LEGS_MAX: Final = 200
"""Legs of one accrual (contracts, section 1): its entry has 65,535 bytes at most."""


def vector_of(agreed: Agreed, *, authorization: str) -> tuple[Leg, ...]:
    """Return the legs of the pool; `authorization` is the id of the authorizing command.

    All are there, also those of zero. Raises `Malformed("entry_too_large")` above `LEGS_MAX`.
    """
    leaves = agreed.leaves()
    if len(leaves) > LEGS_MAX:
        raise Malformed("entry_too_large", f"more than {LEGS_MAX} parties and assets would earn")
    price = agreed.price
    divided = allot(price.pool_micro, leaves, authorization=authorization)
    return tuple(leg_of(row, price.currency) for row in divided)


def leg_of(row: Allotted, currency: str) -> Leg:
    """Return an allotted leaf as it stands in an event."""
    leaf = row.leaf
    return made(
        Leg,
        recording=leaf.recording,
        side=leaf.side,
        asset=leaf.asset,
        party=leaf.party,
        amount=Money.accrued(row.micro, currency),
    )


def vector_sha256(legs: Iterable[Leg]) -> str:
    """Return SHA-256 (hex) of the legs' canonical JSON: what an authorization commits to."""
    return hashlib.sha256(canonical.encode_json(list(legs))).hexdigest()


def minor_money(micro: int, currency: str) -> Money:
    """Return a priced amount with its currency's own decimals; fees are whole minor units."""
    return Money.payable(floor_to_minor(micro, currency), currency)


def fee_agreed(
    agreed: Agreed,
    *,
    generation: str,
    payer: str,
    legs: tuple[Leg, ...],
    vector: str,
    touched: tuple[Touched, ...],
) -> FeeAgreed:
    """Return what the creator owes at completion, and to whom it goes.

    `vector` is the `vector_sha256` of the legs.
    """
    price = agreed.price
    return FeeAgreed(
        generation=generation,
        payer=payer,
        tariff=agreed.listed.tariff,
        fee=minor_money(price.fee_micro, price.currency),
        credited=minor_money(price.credited_micro, price.currency),
        pool=Money.accrued(price.pool_micro, price.currency),
        commission=Money.accrued(price.commission_micro, price.currency),
        legs=legs,
        vector_sha256=vector,
        touched=touched,
    )
