"""Questions about permissions. Every one takes `as_of` and `valid_at` (see `projections.asking`).

With `in_force` (the default) only what is in force at `valid_at` is returned; without it every
version that is known as of the position: past, present, waiting, revoked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from projections.asking import Answer, AsOf, Readings
from projections.permissions.records import Permission, SharePart, permission, share_part

NAME: Final = "permissions"
"""The projection that is asked."""


def permissions_of_asset(
    readings: Readings,
    asset: str,
    *,
    party: str | None = None,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Permission]:
    """Return the consents that speak about an asset: by name, or by a catalog that it is in."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = [permission(row) for row in reading.rows("consents_of_asset", asset=asset)]
        kept = [row for row in found if party is None or row.party == party]
        return reading.answer(_speaking(kept, reading.valid_at) if in_force else kept)


def permissions_of_party(
    readings: Readings,
    party: str,
    *,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Permission]:
    """Return everything that a party consented to: each asset that it named, and its catalog."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = [permission(row) for row in reading.rows("consents_of_party", party=party)]
        return reading.answer(_speaking(found, reading.valid_at) if in_force else found)


def history_of_consent(
    readings: Readings, consent: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Permission]:
    """Return every row that a consent ever had up to `as_of`, in the order they became known."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("consent_history", consent=consent)
        return reading.answer([permission(row) for row in found])


def _speaking(rows: Iterable[Permission], moment: datetime) -> list[Permission]:
    return [row for row in rows if row.in_force(moment)]


def shares_of_asset(
    readings: Readings,
    asset: str,
    *,
    country: str | None = None,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[SharePart]:
    """Return the confirmed shares of an asset, in one country or in all."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = [share_part(row) for row in reading.rows("shares_of_asset", asset=asset)]
        kept = [row for row in found if country is None or country in row.countries]
        return reading.answer(_counting(kept, reading.valid_at) if in_force else kept)


def shares_of_party(
    readings: Readings,
    party: str,
    *,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[SharePart]:
    """Return the confirmed shares that a party holds."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = [share_part(row) for row in reading.rows("shares_of_party", party=party)]
        return reading.answer(_counting(found, reading.valid_at) if in_force else found)


def _counting(rows: Iterable[SharePart], moment: datetime) -> list[SharePart]:
    return [row for row in rows if row.in_force(moment)]


def performers_of_asset(
    readings: Readings, asset: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[str]:
    """Return the confirmed performers and authors of an asset."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("performers_of", asset=asset)
        return reading.answer([str(row["party"]) for row in found])
