"""One pool divided over its leaves: largest remainder, once, exact to the micro unit.

Nested rounding (first by recording, then by side, then by party) loses or makes units; here the
exact part of every leaf is known as a fraction and rounding happens one single time. The order in
which leaves are listed decides nothing: whoever is first in a list would win every tie.
Source: clearance, 20-22; contracts, section 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from schemas.lists import Side

_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one party holds of one asset of one recording; `part` is its exact part of the pool.

    `party` is `unclaimed` or `disputed` where the part is held for whoever turns out to own it.
    """

    recording: str
    side: Side
    asset: str
    party: str
    part: Fraction

    @property
    def name(self) -> tuple[str, str, str, str]:
        """Recording, side, asset, party: no two leaves of a vector share them."""
        return (self.recording, self.side, self.asset, self.party)


@dataclass(frozen=True, slots=True)
class Allotted:
    """A leaf and its whole micro units."""

    leaf: Leaf
    micro: int


@dataclass(frozen=True, slots=True)
class Open:
    """An allotment before its tie-break is known: each sure amount, and who may get one more.

    `units` units go to as many of the leaves at the indexes `tied`; which, the authorization says.
    """

    sure: tuple[Allotted, ...]
    tied: tuple[int, ...]
    units: int


def merge(leaves: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """Return each leaf once, its parts added, sorted by name; leaves without a part are dropped."""
    parts: dict[tuple[str, Side, str, str], Fraction] = {}
    for leaf in leaves:
        key = (leaf.recording, leaf.side, leaf.asset, leaf.party)
        known = parts.get(key)
        parts[key] = leaf.part if known is None else known + leaf.part
    return tuple(Leaf(*key, part) for key, part in sorted(parts.items()) if part > 0)


def allot(pool_micro: int, leaves: Sequence[Leaf], *, authorization: str) -> tuple[Allotted, ...]:
    """Divide the pool over the leaves, in their order; the amounts sum to exactly `pool_micro`.

    `authorization` is the id of the authorizing command: it breaks ties, differently each time, so
    that over many generations they even out. The parts need not sum to 1; a part of zero gets 0.
    """
    divided = allot_open(pool_micro, leaves)
    lucky = sorted(divided.tied, key=lambda index: tie_break(authorization, leaves[index]))
    extra = set(lucky[: divided.units])
    return tuple(
        Allotted(row.leaf, row.micro + (index in extra)) for index, row in enumerate(divided.sure)
    )


def allot_open(pool_micro: int, leaves: Sequence[Leaf]) -> Open:
    """Divide the pool as far as the parts alone decide: what a quote can promise."""
    _check(pool_micro, leaves)
    # Over one denominator the parts are whole numbers, and so are floors and remainders.
    whole = lcm(*[leaf.part.denominator for leaf in leaves])
    parts = [leaf.part.numerator * (whole // leaf.part.denominator) for leaf in leaves]
    total = sum(parts)
    floors = [pool_micro * part // total for part in parts]
    remainders = [pool_micro * part % total for part in parts]
    left = pool_micro - sum(floors)
    # Each remainder is below one unit (`total`) and they sum to `left` of them, so more than `left`
    # are above zero, or none is and nothing is left: a leaf without a remainder is never reached.
    last = sorted(remainders, reverse=True)[left - 1] if left else total
    sure = [index for index, value in enumerate(remainders) if value > last]
    tied = [index for index, value in enumerate(remainders) if value == last] if left else []
    units = left - len(sure)
    if len(tied) == units:  # everybody who is tied gets one: nothing is open
        sure, tied, units = sure + tied, [], 0
    raised = frozenset(sure)
    rows = (
        Allotted(leaf, floor + (index in raised))
        for index, (leaf, floor) in enumerate(zip(leaves, floors, strict=True))
    )
    return Open(sure=tuple(rows), tied=tuple(tied), units=units)


def tie_break(authorization: str, leaf: Leaf) -> bytes:
    """Return what decides a tie, smallest first.

    SHA-256 over authorization, recording, side, asset and party, each as UTF-8 behind its length
    in four bytes, big-endian: without the lengths two different rows could be one text.
    """
    digest = hashlib.sha256()
    for text in (authorization, *leaf.name):
        raw = text.encode()
        digest.update(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw)
    return digest.digest()


def _check(pool_micro: int, leaves: Sequence[Leaf]) -> None:
    """Stop at what can only be a bug: these numbers are ours, never a caller's."""
    if pool_micro < 0 or not leaves:
        raise AssertionError(f"nothing to divide, or nobody to divide it over [{pool_micro}]")
    if any(leaf.part < 0 for leaf in leaves) or not any(leaf.part for leaf in leaves):
        raise AssertionError("parts are never negative, and one of them is above zero")
    if len({leaf.name for leaf in leaves}) != len(leaves):
        raise AssertionError("a leaf stands twice in the vector")
