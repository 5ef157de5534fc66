"""Questions about permissions. Every one takes `as_of` and `valid_at` (see `projections.asking`).

With `in_force` (the default) only what is in force at `valid_at` is returned; without it every
version that is known as of the position: past, present, waiting, revoked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from projections.asking import Answer, AsOf, Readings
from projections.permissions.records import Permission, SharePart, permission, share_part

NAME: Final = "permissions"


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
    return _permissions(
        readings, as_of, valid_at, "consents_of_asset", {"asset": asset}, party, in_force
    )


def permissions_of_party(
    readings: Readings,
    party: str,
    *,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Permission]:
    """Return everything that a party consented to: each asset that it named, and its catalog."""
    return _permissions(
        readings, as_of, valid_at, "consents_of_party", {"party": party}, None, in_force
    )


def history_of_consent(
    readings: Readings, consent: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Permission]:
    """Return every row that a consent ever had up to `as_of`, in the order in which it was known."""
    return _permissions(
        readings, as_of, valid_at, "consent_history", {"consent": consent}, None, False
    )


def _permissions(
    readings: Readings,
    as_of: AsOf,
    valid_at: datetime | None,
    statement: str,
    values: dict[str, str],
    party: str | None,
    in_force: bool,
) -> Answer[Permission]:
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = [permission(row) for row in reading.rows(statement, **values)]
        return reading.answer(
            [
                row
                for row in rows
                if (party is None or row.party == party)
                and (not in_force or row.in_force(reading.valid_at))
            ]
        )


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
    return _shares(
        readings, as_of, valid_at, "shares_of_asset", {"asset": asset}, country, in_force
    )


def shares_of_party(
    readings: Readings,
    party: str,
    *,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[SharePart]:
    """Return the confirmed shares that a party holds."""
    return _shares(readings, as_of, valid_at, "shares_of_party", {"party": party}, None, in_force)


def _shares(
    readings: Readings,
    as_of: AsOf,
    valid_at: datetime | None,
    statement: str,
    values: dict[str, str],
    country: str | None,
    in_force: bool,
) -> Answer[SharePart]:
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = [share_part(row) for row in reading.rows(statement, **values)]
        return reading.answer(
            [
                row
                for row in rows
                if (country is None or country in row.countries)
                and (not in_force or row.in_force(reading.valid_at))
            ]
        )


def performers_of_asset(
    readings: Readings, asset: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[str]:
    """Return the confirmed performers and authors of an asset."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("performers_of", asset=asset)
        return reading.answer([str(row["party"]) for row in found])
