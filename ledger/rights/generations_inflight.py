"""What happened to the cited consents while the generation was on its way (clearance, 19).

The license instant precedes: a revocation lets the job complete and pay, unless the consent says
`in_flight: cancel`. Then nothing is released and nothing is owed (rules, section 7, row 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ledger.rights.clearance_consents import MASTER, PERFORMANCE, PUBLISHING, Asset
from ledger.rights.clearance_facts import Facts
from ledger.rights.standing import consents_of
from ledger.rights.states import CONSENT, Held, Words
from ledger.rights.view import View
from schemas.events.generations import GenerationAuthorized
from schemas.terms import ConsentCited, Touched


@dataclass(frozen=True, slots=True)
class Met:
    """A cited consent that ended in between; `cancels` if its words say so."""

    consent: str
    because: Literal["consent_revoked", "outside_window"]
    cancels: bool


def consents_met(view: View, authorized: GenerationAuthorized, *, at: datetime) -> tuple[Met, ...]:
    """Return the cited consents that were revoked for their asset, or whose window ended."""
    facts = Facts(view, at)
    touched = {row.recording: row for row in authorized.touched}
    found = {
        met
        for reference in authorized.references
        for cited in reference.consents
        for met in _met(facts, cited, touched[reference.recording])
    }
    return tuple(sorted(found, key=lambda met: (met.consent, met.because)))


def _met(facts: Facts, cited: ConsentCited, touched: Touched) -> Iterator[Met]:
    held = facts.view.ask(CONSENT, cited.consent).held
    words = _cited_words(held, cited)
    assert held is not None  # it was cited
    cancels = words.consent.revocation.in_flight == "cancel"
    for asset in _assets(facts, words, touched):
        for found, revoked_from in consents_of(facts.view, held.grantor, asset):
            is_it = found.consent == cited.consent
            if is_it and revoked_from is not None and revoked_from <= facts.at:
                yield Met(cited.consent, "consent_revoked", cancels)
    now = held.words_at(facts.at) or words
    until = now.consent.effective_until
    if until is not None and until.moment <= facts.at:
        yield Met(cited.consent, "outside_window", cancels)


def _cited_words(held: Held | None, cited: ConsentCited) -> Words:
    for words in held.versions if held else ():
        if words.position == cited.position:
            return words
    raise AssertionError(f"a cited consent has no such words [{cited.consent}, {cited.position}]")


def _assets(facts: Facts, words: Words, touched: Touched) -> Iterator[Asset]:
    """Yield the assets of one recording for which the words were cited."""
    consent = words.consent
    if consent.capacity in PERFORMANCE:
        yield facts.recording(touched.recording)
        return
    for held in touched.controllers:
        speaks = MASTER if held.side == "master" else PUBLISHING
        if held.party != consent.grantor or consent.capacity not in speaks:
            continue
        if words.names(held.asset):
            is_master = held.side == "master"
            yield facts.recording(held.asset) if is_master else facts.work(held.asset)
