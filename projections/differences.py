"""What differs between two points of the log, and which entries made the difference.

Both points are on the recorded axis; `valid_at` is one instant of the law's time, the same for
both: so «as known then» stands against «as known now».
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.named_sql import load
from projections.asking import AsOf, Reading, Readings
from projections.database import Row
from projections.permissions.records import Permission, permission

_KNOWING: Final = {"from_position", "until_position", "effective_until", "revoked_from"}
"""What says since when and until when a permission is known to hold, and not what it permits."""

_SQL: Final = load("projections", "differences.sql")


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """What a consent permitted about a subject then and later; None: nothing was in force.

    `positions` are those of the entries from which the difference follows.
    """

    subject: str
    consent: str
    before: Permission | None
    after: Permission | None
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """What stood on an account then and later, in micro units, and the entries that moved it."""

    account: str
    currency: str
    before_micro: int
    after_micro: int
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs between two positions, as in force at one instant."""

    older: int
    newer: int
    valid_at: datetime
    permissions: tuple[PermissionChange, ...]
    balances: tuple[BalanceChange, ...]


def differences(
    readings: Readings, older: AsOf, newer: AsOf = None, *, valid_at: datetime | None = None
) -> Differences:
    """Compare two points. Raises what every question raises; `ValueError` if they are reversed."""
    with readings.open("permissions", older, valid_at) as reading:
        begin = reading.position
    with readings.open("permissions", newer, valid_at) as reading:
        end, instant = reading.position, reading.valid_at
        if end < begin:
            raise ValueError(f"the second point lies before the first [{begin}, {end}]")
        permissions = tuple(_permissions(reading, begin, end))
    with readings.open("royalties", newer, valid_at) as reading:
        balances = tuple(_balances(reading, begin, end))
    return Differences(begin, end, instant, permissions, balances)


def _permissions(reading: Reading, older: int, newer: int) -> list[PermissionChange]:
    moved: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in _rows(reading, "consents_moved", older=older, newer=newer):
        moved[row["subject"], row["consent"]].append(row["position"])
    changes = []
    for (subject, consent), positions in moved.items():
        before = _in_force(reading, subject, consent, older)
        after = _in_force(reading, subject, consent, newer)
        if _said(before) != _said(after):
            changes.append(PermissionChange(subject, consent, before, after, tuple(positions)))
    return changes


def _in_force(reading: Reading, subject: str, consent: str, known: int) -> Permission | None:
    rows = _rows(reading, "consent_known", subject=subject, consent=consent, known=known)
    found = [one for one in map(permission, rows) if one.in_force(reading.valid_at)]
    return found[-1] if found else None


def _said(one: Permission | None) -> object:
    """Return what a permission says, without since when it is known to say so."""
    if one is None:
        return None
    kept = set(Permission.__slots__) - _KNOWING
    return {name: getattr(one, name) for name in kept}


def _balances(reading: Reading, older: int, newer: int) -> list[BalanceChange]:
    moved: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in _rows(reading, "accounts_moved", older=older, newer=newer):
        moved[row["account"], row["currency"]].append(row["position"])
    changes = []
    for (account, currency), positions in moved.items():
        before = _stood(reading, account, currency, older)
        after = _stood(reading, account, currency, newer)
        if before != after:
            changes.append(BalanceChange(account, currency, before, after, tuple(positions)))
    return changes


def _stood(reading: Reading, account: str, currency: str, known: int) -> int:
    rows = _rows(reading, "stood", account=account, currency=currency, known=known)
    return int(rows[0]["balance_after_micro"]) if rows else 0


def _rows(reading: Reading, name: str, **values: object) -> list[Row]:
    return reading.connection.rows(_SQL[name], values)
