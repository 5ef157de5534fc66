"""Accruals straight from their entries: one pattern over the whole entry, one over its legs.

A long log holds little else that moves money. Whatever matches is what its type asks for, so the
typed event would say the same; whatever does not is read as one, or refused there. A property holds
the two together (`tests/properties/test_booked_lines.py`).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ledger.replayed import Replayed
from projections.royalties.postings import receivable
from schemas.envelope.fields import UUID7
from schemas.envelope.usual import entry_of, of_object
from schemas.events.royalties import RoyaltyAccrued
from schemas.money import CURRENCIES

_PAYER: Final = "/data/payer"
"""Where the payer stands, or its commitment."""

# Up to 18 digits are within a `bigint`; what accrues is written with all six decimals.
_AMOUNT: Final = r"(?:0|[1-9][0-9]{0,11})\.[0-9]{6}"
_SAME: Final = "(?P=currency)"
_PARTY: Final = f"pty_{UUID7}"
_ASSET: Final = f"(?:rec|wrk)_{UUID7}"
_SIDE: Final = "(?:master|publishing)"


def _text(form: str, name: str = "") -> str:
    return f'"(?P<{name}>{form})"' if name else f'"{form}"'


def _money(currency: str, amount: str = "") -> str:
    return of_object({"amount": _text(_AMOUNT, amount), "currency": _text(currency)})


def _row(form: str) -> str:
    return rf"\[(?:{form}(?:,{form})*)?\]"


def _leg(amount: str, asset: str, party: str, recording: str, side: str) -> str:
    return of_object(
        {
            "amount": amount,
            "asset": f'"{asset}"',
            "party": f'"{party}"',
            "recording": f'"{recording}"',
            "side": f'"{side}"',
        }
    )


_PAYEE: Final = f"(?:{_PARTY}|unclaimed|disputed)"
_LEG: Final = _leg(_money(_SAME), _ASSET, _PAYEE, f"rec_{UUID7}", _SIDE)
_CONTROLLER: Final = of_object(
    {"asset": _text(_ASSET), "party": _text(_PARTY), "side": _text(_SIDE)}
)
_TOUCHED: Final = of_object(
    {
        "controllers": _row(_CONTROLLER),
        "performers": _row(_text(_PARTY)),
        "recording": _text(f"rec_{UUID7}"),
        "works": _row(_text(f"wrk_{UUID7}")),
    }
)

_ENTRY: Final = entry_of(
    RoyaltyAccrued.TOPIC,
    RoyaltyAccrued.VERSION,
    of_object(
        {
            "commission": _money("(?P<currency>[A-Z]{3})", "commission"),
            "fee": _money(_SAME, "fee"),
            "generation": _text(f"gen_{UUID7}", "generation"),
            "legs": f"(?P<legs>{_row(_LEG)})",
            "output": _text(f"out_{UUID7}", "output"),
            "payer": rf'(?:"(?P<payer>{_PARTY})"|'
            r'\{"commit":"(?P<commit>[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])"\})',
            "pool": _money(_SAME),
            "touched": _row(_TOUCHED),
            "vector_sha256": _text("[0-9a-f]{64}"),
        }
    ),
)

# By their numbers: a name is looked up each time.
_TAKEN: Final = tuple(
    _ENTRY.groupindex[name]
    for name in ("currency", "commission", "fee", "generation", "legs", "output", "payer", "commit")
)

_LEGS: Final = re.compile(
    _leg(
        rf'\{{"amount":"([0-9]+)\.([0-9]+)","currency":"{"[A-Z]{3}"}"\}}',
        *["([a-z0-9_]+)"] * 4,
    )
)
"""A leg of an entry that has matched: whole units, millionths, asset, party, recording, side."""

_is_party: Final = re.compile(_PARTY).fullmatch


class Accrual(NamedTuple):
    """What is booked of an accrual, all in one currency. `payer` is the account of who owes it.

    Each leg: whole units and millionths of its amount as digits, asset, party, recording, side.
    """

    generation: str
    output: str
    payer: str
    currency: str
    fee_micro: int
    commission_micro: int
    legs: list[tuple[str, str, str, str, str, str]]


def accrual_in(recorded: Replayed) -> Accrual | None:
    """Return what an entry accrues; None where it is not of the usual form: ask its event."""
    found = recorded.matched(_ENTRY)
    if found is None:
        return None
    currency, commission, fee, generation, legs, output, payer, commit = found.group(*_TAKEN)
    if currency not in CURRENCIES:
        return None
    if recorded.openings:
        opening = recorded.openings[0]
        if len(recorded.openings) > 1 or opening.pointer != _PAYER or payer is not None:
            return None
        payer = opening.value
        if not isinstance(payer, str) or not _is_party(payer):
            return None
    return Accrual(
        generation,
        output,
        receivable(payer or commit),
        currency,
        int(fee.replace(".", "", 1)),
        int(commission.replace(".", "", 1)),
        _LEGS.findall(legs),
    )
