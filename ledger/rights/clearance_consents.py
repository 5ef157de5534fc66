"""Which consent speaks for a party, and what it says (clearance, 9, 10, 12-15).

A party permits if one of its live consents permits the whole use. If none does, one of them speaks
with all its failing clauses: the one that came closest. No consent at all is a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ledger.rights.clearance_facts import Facts
from ledger.rights.permits import RANK, Failing, WholeUse, failing, floor_of
from ledger.rights.standing import consents_of, is_contested
from ledger.rights.states import RecordingState, Words, WorkState
from schemas.lists import Capacity
from schemas.money import Money
from schemas.terms import Consent

Asset = RecordingState | WorkState
"""What a controller speaks for."""

MASTER: frozenset[Capacity] = frozenset({"owner", "representative"})
"""Capacities that speak for a master; a representative's grantor is the controller."""

PUBLISHING: frozenset[Capacity] = frozenset({"publisher", "writer", "representative"})
"""Capacities that speak for a work."""

PERFORMANCE: frozenset[Capacity] = frozenset({"performer"})
"""The capacity that speaks for a performance: a performer's own yes (rules, 2.2)."""

MISSING = Failing("performer_consent_missing", "voice")
"""What a singer's silence, or a consent without the voice, says (clearance, 10)."""

REVOKED = Failing("consent_revoked", "revocation")
"""What is left to say for who has revoked every consent (clearance, 13)."""


class Standing(NamedTuple):
    """One consent of a party for an asset, as it stands at an instant."""

    consent: str
    words: Words
    revoked: bool
    contested: bool


class Permits(NamedTuple):
    """The party permits: the consent that is cited, the position of its words, its floor."""

    consent: str
    position: int
    floor: Money | None


class Denies(NamedTuple):
    """The party does not permit: all failing clauses of the consent that speaks, if one does."""

    consent: str | None
    clauses: tuple[Failing, ...]


Answer = Permits | Denies
"""What a party says when it is asked."""


def standings(
    facts: Facts, party: str, asset: Asset, capacities: frozenset[Capacity]
) -> Iterator[Standing]:
    """Yield every consent of a party that speaks about an asset in one of the capacities.

    In the order of their ids.
    """
    for held, revoked_from in consents_of(facts.view, party, asset):
        words = held.words_at(facts.at)
        if words is None or words.consent.capacity not in capacities:
            continue
        if words.names(asset.asset):
            revoked = revoked_from is not None and revoked_from <= facts.at
            # Of what is revoked nobody asks whose word it was.
            contested = not revoked and is_contested(facts.view, held, words)
            yield Standing(held.consent, words, revoked, contested)


def ask_controller(found: Iterable[Standing], asked: WholeUse) -> Answer:
    """Ask a controller of a master or a work; `found` in the order of ids."""
    return _answer(
        found,
        asked,
        clauses=_clauses,
        silent=Failing("no_consent", "consent"),
    )


def ask_performer(found: Iterable[Standing], asked: WholeUse, *, suspended: bool) -> Answer:
    """Ask a vocal performer; `suspended` says dead and without a registered estate."""
    if suspended:
        return Denies(None, (MISSING,))
    # A revoked consent without the voice says no more than silence does.
    heard = (row for row in found if not row.revoked or _with_voice(row.words.consent))
    return _answer(heard, asked.of_performer(), clauses=_performer_clauses, silent=MISSING)


def _answer(
    found: Iterable[Standing],
    asked: WholeUse,
    *,
    clauses: Callable[[Standing, WholeUse], tuple[Failing, ...]],
    silent: Failing,
) -> Answer:
    permits: Permits | None = None
    denies: Denies | None = None
    revoked: Denies | None = None
    for row in found:
        if row.revoked:
            revoked = revoked or Denies(row.consent, (REVOKED,))
        elif said := clauses(row, asked):
            # (13): the one whose first failing clause comes latest in the order, then the
            # smallest id.
            if denies is None or RANK[said[0].code] > RANK[denies.clauses[0].code]:
                denies = Denies(row.consent, said)
        else:
            # (12): one that permits the whole use; of several the lowest floor, then the
            # smallest id. They come by their ids, so the first without a floor is cited.
            floor = floor_of(row.words.consent, asked.tier)
            if permits is None or _micro(floor) < _micro(permits.floor):
                permits = Permits(row.consent, row.words.position, floor)
            if floor is None:
                break
    return permits or denies or revoked or Denies(None, (silent,))


def _clauses(row: Standing, asked: WholeUse) -> tuple[Failing, ...]:
    found = failing(row.words.consent, asked, territories_version=row.words.territories_version)
    if not row.contested:
        return found
    contested = Failing("consent_contested", "signature")
    return tuple(sorted((*found, contested), key=lambda each: (RANK[each.code], each.clause)))


def _performer_clauses(row: Standing, asked: WholeUse) -> tuple[Failing, ...]:
    return _clauses(row, asked) if _with_voice(row.words.consent) else (MISSING,)


def _with_voice(words: Consent) -> bool:
    return words.parameters == "all" or "voice" in words.parameters


def _micro(floor: Money | None) -> int:
    return floor.micro() if floor else 0
