"""Questions about the catalog. Every one takes `as_of` and `valid_at` (see `projections.asking`).

Filters that are left out do not filter. Lists go forward by the position at which something was
registered: `after` is that of the last row of the page before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from projections.asking import Answer, AsOf, Readings
from projections.catalog import readers
from projections.catalog.changes import bare
from projections.catalog.records import (
    CreditRow,
    Found,
    InferenceRow,
    KeyRow,
    LinkRow,
    MandateRow,
    ModelRow,
    PartyRow,
    RecordingRow,
    RestrictionRow,
    ShareClaim,
    StemRow,
    TariffVersion,
    VocalsRow,
    WorkRow,
)
from projections.database import Row

T = TypeVar("T")

NAME: Final = "catalog"
"""The projection that is asked."""

LIMIT: Final = 100
"""Rows a page, unless fewer are asked for."""


def _ask(
    readings: Readings,
    when: tuple[AsOf, datetime | None],
    statement: str,
    read: Callable[[Row], T],
    **values: Any,
) -> Answer[T]:
    with readings.open(NAME, *when) as reading:
        return reading.answer([read(row) for row in reading.rows(statement, **values)])


def parties(
    readings: Readings,
    *,
    party: str | None = None,
    after: int = 0,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[PartyRow]:
    """Return parties, or one."""
    page = {"party": party, "after": after, "limit": limit}
    return _ask(readings, (as_of, valid_at), "parties", readers.party, **page)


def recordings(
    readings: Readings,
    *,
    recording: str | None = None,
    isrc: str | None = None,
    sha256: str | None = None,
    after: int = 0,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[RecordingRow]:
    """Return recordings: by id, by ISRC (there may be several), or by either hash of the audio."""
    page = {"recording": recording, "isrc": isrc, "sha256": sha256, "after": after, "limit": limit}
    return _ask(readings, (as_of, valid_at), "recordings", readers.recording, **page)


def stems(
    readings: Readings, recording: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[StemRow]:
    """Return the stems of a recording."""
    return _ask(readings, (as_of, valid_at), "stems", readers.stem, recording=recording)


def works(
    readings: Readings,
    *,
    work: str | None = None,
    iswc: str | None = None,
    after: int = 0,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[WorkRow]:
    """Return works: by id, by ISWC, or all."""
    page = {"work": work, "iswc": iswc, "after": after, "limit": limit}
    return _ask(readings, (as_of, valid_at), "works", readers.work, **page)


def links(
    readings: Readings,
    *,
    recording: str | None = None,
    work: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[LinkRow]:
    """Return links of a recording, or of a work, proposed and confirmed."""
    of = {"recording": recording, "work": work}
    return _ask(readings, (as_of, valid_at), "links", readers.link, **of)


def credits_of(
    readings: Readings,
    *,
    asset: str | None = None,
    party: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[CreditRow]:
    """Return credits on an asset, or of a party, proposed and confirmed."""
    of = {"asset": asset, "party": party}
    return _ask(readings, (as_of, valid_at), "credits", readers.credit, **of)


def vocals(
    readings: Readings, recording: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[VocalsRow]:
    """Return who sings on a recording: at most one confirmed row, and what is proposed."""
    return _ask(readings, (as_of, valid_at), "vocals", readers.vocals, recording=recording)


def shares(
    readings: Readings,
    *,
    asset: str | None = None,
    party: str | None = None,
    share: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[ShareClaim]:
    """Return shares in the words of their claims, whatever their window says at `valid_at`."""
    of = {"asset": asset, "party": party, "share": share}
    return _ask(readings, (as_of, valid_at), "shares", readers.share, **of)


def restrictions(
    readings: Readings,
    *,
    asset: str | None = None,
    party: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[RestrictionRow]:
    """Return moral restrictions of an asset, or by a party."""
    of = {"asset": asset, "party": party}
    return _ask(readings, (as_of, valid_at), "restrictions", readers.restriction, **of)


def inference_set(
    readings: Readings,
    *,
    recording: str | None = None,
    model: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[InferenceRow]:
    """Return which recordings are in the inference set of which model version."""
    of = {"recording": recording, "model": model}
    return _ask(readings, (as_of, valid_at), "inference", readers.inference, **of)


def models(
    readings: Readings,
    *,
    model: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[ModelRow]:
    """Return model versions, or one, retired ones included."""
    return _ask(readings, (as_of, valid_at), "models", readers.model, model=model)


def keys(
    readings: Readings,
    *,
    party: str | None = None,
    key: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[KeyRow]:
    """Return the keys of a party, or one."""
    of = {"party": party, "key_id": key}
    return _ask(readings, (as_of, valid_at), "keys", readers.key, **of)


def mandates(
    readings: Readings,
    *,
    grantor: str | None = None,
    mandatee: str | None = None,
    mandate: str | None = None,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[MandateRow]:
    """Return mandates by grantor or mandatee; with `in_force` those that give power."""
    of = {"grantor": grantor, "mandatee": mandatee, "mandate": mandate}
    with readings.open(NAME, as_of, valid_at) as reading:
        found = [readers.mandate(row) for row in reading.rows("mandates", **of)]
        live = [row for row in found if row.status == "granted"]
        speaking = [row for row in live if row.window.holds(reading.valid_at)]
        return reading.answer(speaking if in_force else found)


def tariffs(
    readings: Readings,
    *,
    tariff: str | None = None,
    in_force: bool = True,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[TariffVersion]:
    """Return tariffs; with `in_force` those published whose window holds `valid_at`."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = [readers.tariff(row) for row in reading.rows("tariffs", tariff=tariff)]
        live = [row for row in found if row.status == "published"]
        pricing = [row for row in live if row.window.holds(reading.valid_at)]
        return reading.answer(pricing if in_force else found)


def search(
    readings: Readings,
    text: str,
    *,
    kind: str | None = None,
    limit: int = 20,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Found]:
    """Return what has a title, name or number with this text in it, the nearest first.

    Case and accents do not matter. An empty text finds nothing: a list is another question.
    """
    needle = bare(text)
    with readings.open(NAME, as_of, valid_at) as reading:
        if not needle:
            return reading.answer([])
        plain = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        patterns = {"needle": needle, "beginning": f"{plain}%", "anywhere": f"%{plain}%"}
        rows = reading.rows("search", kind=kind, limit=limit, **patterns)
        return reading.answer([Found(row["kind"], row["id"], row["label"]) for row in rows])
