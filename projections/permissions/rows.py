"""The rows of a subject, from the states that decisions read. Pure; the view notes what it read.

A subject is an asset, or a party for what it said about its whole catalog.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.rights.standing import consents_of, is_contested
from ledger.rights.states import PARTY, RECORDING, WORK, Held, RecordingState, Words, WorkState
from ledger.rights.states.shares import BEGINNING, END
from ledger.rights.view import View
from projections.base import as_json, from_json, to_us
from schemas.territory import WORLD, Territories, expand_one

Asset = RecordingState | WorkState
"""What consents and shares are about."""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One version of a consent about a subject, as the table holds it. Lists are JSON."""

    subject: str
    party: str
    consent: str
    version: int
    capacity: str
    catalog: int
    uses: str
    parameters: str
    reproduction: int
    tiers: str
    purposes: str
    channels: str
    models: str
    modules: str
    territories: str
    territories_version: str
    floors: str
    minimum_weight: str | None
    revocation: str
    text_sha256: str
    signed_by: str
    contested: int
    effective_from_us: int
    effective_until_us: int | None
    revoked_from_us: int | None


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One part of a confirmed share; `countries` as `name_countries` writes them."""

    asset: str
    side: str
    party: str
    share: str
    fraction: str
    countries: str
    effective_from_us: int | None
    effective_until_us: int | None


@dataclass(frozen=True, slots=True)
class PerformerRow:
    """A confirmed performer or author of an asset."""

    asset: str
    party: str


Row = ConsentRow | ShareRow | PerformerRow
"""A row of any of the tables."""


def values(row: Row) -> dict[str, Any]:
    """Return the columns of a row."""
    return {name: getattr(row, name) for name in row.__slots__}


def asset_state(view: View, asset: str) -> Asset:
    """Return the state of a recording or work."""
    return view.ask(RECORDING, asset) if asset.startswith("rec_") else view.ask(WORK, asset)


def consent_rows(view: View, subject: str) -> frozenset[ConsentRow]:
    """Return a row for each version of each consent that speaks about a subject."""
    if subject.startswith("pty_"):
        return frozenset(_catalog_rows(view, subject))
    return frozenset(_asset_rows(view, asset_state(view, subject)))


def _catalog_rows(view: View, party: str) -> Iterator[ConsentRow]:
    state = view.ask(PARTY, party)
    for held in state.catalog.values():
        revoked_from = held.revoked_by(state.everything)
        yield from _rows(view, held, party, revoked_from)


def _asset_rows(view: View, state: Asset) -> Iterator[ConsentRow]:
    parties = {held.grantor for held in state.consents.values()}
    parties |= {cut.party for cut in state.cuts}
    for party in sorted(parties):
        everything = view.ask(PARTY, party).everything
        for held, revoked_from in consents_of(view, party, state):
            named = held.consent in state.consents
            # A catalog consent has its own row; here only what this asset's revocation cuts out.
            if named or revoked_from != held.revoked_by(everything):
                yield from _rows(view, held, state.asset, revoked_from)


def _rows(
    view: View, held: Held, subject: str, revoked_from: datetime | None
) -> Iterator[ConsentRow]:
    for number, words in enumerate(held.versions):
        if words.names(subject):
            following = held.versions[number + 1 :]
            replaced_from = following[0].acts_from if following else None
            yield _row(
                held,
                words,
                subject=subject,
                revoked_from=revoked_from,
                replaced_from=replaced_from,
                contested=is_contested(view, held, words),
            )


def _row(
    held: Held,
    words: Words,
    *,
    subject: str,
    revoked_from: datetime | None,
    replaced_from: datetime | None,
    contested: bool,
) -> ConsentRow:
    said = words.consent
    begin = said.effective_from.moment if said.effective_from else words.acts_from
    end = said.effective_until.moment if said.effective_until else None
    ends = [moment for moment in (end, revoked_from, replaced_from) if moment is not None]
    return ConsentRow(
        subject=subject,
        party=held.grantor,
        consent=held.consent,
        version=words.position,
        capacity=said.capacity,
        catalog=int(said.applies_to.catalog is not None),
        uses=as_json(said.uses),
        parameters=as_json(said.parameters),
        reproduction=int(said.reproduction),
        tiers=as_json(said.tiers),
        purposes=as_json(said.purposes),
        channels=as_json(said.channels),
        models=as_json(said.models),
        modules=as_json(said.modules),
        territories=as_json(said.territories.model_dump(mode="json")),
        territories_version=words.territories_version,
        floors=as_json({tier: floor.model_dump() for tier, floor in said.floors.items()}),
        minimum_weight=said.minimum_weight,
        revocation=as_json(said.revocation.model_dump(mode="json")),
        text_sha256=said.text.sha256,
        signed_by=words.signed_by,
        contested=int(contested),
        effective_from_us=to_us(max(begin, words.acts_from)),
        effective_until_us=to_us(min(ends)) if ends else None,
        revoked_from_us=to_us(revoked_from) if revoked_from else None,
    )


def share_rows(state: Asset) -> frozenset[ShareRow]:
    """Return a row for each part of each confirmed share of an asset."""
    side = "master" if state.asset.startswith("rec_") else "publishing"
    return frozenset(
        ShareRow(
            asset=state.asset,
            side=side,
            party=held.party,
            share=held.share,
            fraction=str(part.fraction),
            countries=name_countries(part.countries),
            effective_from_us=None if part.since == BEGINNING else to_us(part.since),
            effective_until_us=None if part.until == END else to_us(part.until),
        )
        for held in state.shares.values()
        for part in held.slices
    )


def performer_rows(state: Asset) -> frozenset[PerformerRow]:
    """Return a row for each confirmed performer or author of an asset."""
    parties = {credit.party for credit in state.credits}
    if isinstance(state, RecordingState) and state.vocals:
        parties |= {singer.party for singer in state.vocals.performers}
    return frozenset(PerformerRow(state.asset, party) for party in parties)


def name_countries(countries: frozenset[str]) -> str:
    """Write countries the shorter way as JSON: included, or the world but for those excluded."""
    world = expand_one(WORLD)
    missing = world - countries
    if len(missing) < len(countries) and countries <= world:
        return as_json({"exclude": sorted(missing), "include": [WORLD]})
    return as_json({"exclude": [], "include": sorted(countries)})


def read_countries(text: str) -> frozenset[str]:
    """Read what `name_countries` wrote."""
    return Territories.model_validate(from_json(text)).expand()
