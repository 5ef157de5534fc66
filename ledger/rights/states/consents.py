"""Consents as they stand: their words over time, revocations, affirmations (`consent:`).

The same book of consents lies in each scope that a consent speaks about: the asset's, or the
party's for a catalog. Nothing is ever struck out: which words are in force at an instant follows
from when they act (clearance, 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from ledger.rights.memo import Moment
from ledger.rights.states.base import Steps, changed, folding, put
from ledger.rights.view import Recorded, Scope
from schemas.events.consents import (
    ConsentAffirmed,
    ConsentGranted,
    ConsentNarrowed,
    ConsentRevoked,
    ConsentWidened,
)
from schemas.model import Commitment
from schemas.period import parse_instant
from schemas.terms import Consent


class Words(NamedTuple):
    """One version of a consent: what it says, from when, and who signed it at which position.

    `acts_from` is when these words replace the ones before; a first version acts from its own
    time. The window of the law (`effective_from`) is inside the words.
    """

    consent: Consent
    acts_from: datetime
    position: int
    time: datetime
    signed_by: str
    actor: str | Commitment
    territories_version: str

    def names(self, asset: str) -> bool:
        """Tell whether these words speak about an asset, by name or by catalog."""
        said = self.consent.applies_to
        return asset in said.recordings or asset in said.works or said.catalog is not None


@dataclass(frozen=True, slots=True)
class Cut:
    """A revocation of one asset, or of everything, by a party: no list of consents (contracts, 4).

    It meets every consent of the party that was given before its position.
    """

    party: str
    acts_from: datetime
    position: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Affirmation:
    """A consent affirmed: countersigned, by which key, at which position."""

    position: int
    time: datetime
    signed_by: str


class Held(NamedTuple):
    """One consent with every version of its words that has acted or waits.

    `revoked_from` is the instant from which it is revoked by name; it may lie ahead.
    """

    consent: str
    grantor: str
    versions: tuple[Words, ...]
    revoked_from: datetime | None = None
    revoked_position: int = 0
    affirmations: tuple[Affirmation, ...] = ()

    def words_at(self, moment: Moment) -> Words | None:
        """Return the words in force at an instant; None where this scope has none yet."""
        for words in reversed(self.versions):
            if words.acts_from <= moment:
                return words
        return None

    def current(self, moment: datetime) -> tuple[Words, ...]:
        """Return the words in force at an instant, and then those that wait."""
        acting = self.words_at(moment)
        waiting = (words for words in self.versions if words.acts_from > moment)
        return (*([acting] if acting else []), *waiting)

    def revoked_by(self, cuts: Iterable[Cut], asset: str | None = None) -> datetime | None:
        """Return from when the consent is revoked, by name or by a cut; None if it is not.

        `cuts` are those of the asset and those of everything of its grantor; the agreed notice
        delays them. A cut meets a consent given before it; of an asset, one that has named it
        since before, without a break. So an asset that was cut out stays out, until a later word
        names it anew.
        """
        own = [cut for cut in cuts if cut.party == self.grantor]
        if not own:  # as a rule
            return self.revoked_from
        found = [] if self.revoked_from is None else [self.revoked_from]
        since = self._since(asset)
        for cut in own:
            if since < cut.position:
                heard = self.words_at(cut.time) or self.versions[0]
                notice = timedelta(days=heard.consent.revocation.notice_days)
                found.append(max(cut.acts_from, cut.time + notice))
        return min(found, default=None)

    def _since(self, asset: str | None) -> int:
        """Return the position since when the consent speaks, or speaks about an asset."""
        if asset is None:
            return self.versions[0].position
        since = self.versions[-1].position
        running = False
        for version in reversed(self.versions):
            if version.names(asset):
                since, running = version.position, True
            elif running:
                break
        return since


Book = Mapping[str, Held]
"""Consents by id."""


def _granted(book: Book, recorded: Recorded, event: ConsentGranted) -> Book:
    words = Words(
        event.consent,
        recorded.time,
        recorded.position,
        recorded.time,
        event.signed_by,
        recorded.actor,
        event.territories_version,
    )
    held = Held(event.consent.consent, event.consent.grantor, (words,))
    return put(book, held.consent, held)


def _replaced(book: Book, recorded: Recorded, event: ConsentNarrowed | ConsentWidened) -> Book:
    words = Words(
        event.consent,
        parse_instant(event.acts_from),
        recorded.position,
        recorded.time,
        event.signed_by,
        recorded.actor,
        event.territories_version,
    )
    name = event.consent.consent
    held = book.get(name) or Held(name, event.consent.grantor, ())
    # A later change replaces one that waits (clearance, 14); what has acted stays as history.
    acted = tuple(old for old in held.versions if old.acts_from <= recorded.time)
    return put(book, name, held._replace(versions=(*acted, words)))


def _revoked(book: Book, recorded: Recorded, event: ConsentRevoked) -> Book:
    held = book.get(event.consent) if event.consent else None
    if held is None:
        return book
    acts_from = parse_instant(event.acts_from)
    return put(
        book,
        held.consent,
        held._replace(revoked_from=acts_from, revoked_position=recorded.position),
    )


def _affirmed(book: Book, recorded: Recorded, event: ConsentAffirmed) -> Book:
    held = book.get(event.consent)
    if held is None:
        return book
    affirmation = Affirmation(recorded.position, recorded.time, event.signed_by)
    affirmations = (*held.affirmations, affirmation)
    return put(book, held.consent, held._replace(affirmations=affirmations))


_STEPS: Steps[Book] = {
    ConsentGranted: _granted,
    ConsentNarrowed: _replaced,
    ConsentWidened: _replaced,
    ConsentRevoked: _revoked,
    ConsentAffirmed: _affirmed,
}

write = folding(_STEPS)
"""Write an event into a book of consents: `write(book, recorded) -> book`."""


def cut_of(recorded: Recorded, event: ConsentRevoked) -> Cut:
    """Make the cut of a revocation of one asset, or of everything."""
    return Cut(event.party, parse_instant(event.acts_from), recorded.position, recorded.time)


@dataclass(frozen=True, slots=True)
class ConsentState:
    """One consent by its id; `held` is None where nobody granted it."""

    consent: str
    book: Book = field(default_factory=dict)

    @property
    def held(self) -> Held | None:
        """The consent as it stands."""
        return self.book.get(self.consent)


def _written(state: ConsentState, recorded: Recorded) -> ConsentState:
    return changed(state, book=write(state.book, recorded))


CONSENT: Scope[ConsentState] = Scope("consent", ConsentState, _written)
"""A consent, by its id."""
