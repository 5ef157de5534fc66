"""How a consent stands: revoked or not, contested or not. Clearance and the rules both ask here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter

from ledger.rights.states import KEY, PARTY, WORK, Held, RecordingState, Words, WorkState
from ledger.rights.states.shares import controllers_at
from ledger.rights.view import View

_CONSENT = attrgetter("consent")


def consents_of(
    view: View, party: str, state: RecordingState | WorkState
) -> Iterator[tuple[Held, datetime | None]]:
    """Yield each consent of a party that may speak about an asset, and from when it is revoked.

    Those that name it and those to the party's catalog, each once, in the order of their ids. The
    words in force need not name the asset: ask `words_at(at)` and `names`. Which capacity they are
    in is left to the caller. None: it is not revoked; an instant ahead: it is not revoked yet.
    """
    own = view.ask(PARTY, party)
    found = [held for held in state.consents.values() if held.grantor == party]
    if own.catalog:
        found += [held for name, held in own.catalog.items() if name not in state.consents]
    found.sort(key=_CONSENT)
    cuts = (*state.cuts, *own.everything)
    for held in found:
        yield held, held.revoked_by(cuts, state.asset) if cuts else held.revoked_from


def is_contested(view: View, held: Held, words: Words) -> bool:
    """Tell whether words may be a thief's: their key was compromised when they were signed.

    An affirmation signed later by a key that was sound then ends it (clearance, 15).
    """
    if not view.ask(KEY, words.signed_by).compromised_at(words.time):
        return False
    return not any(
        said.position > words.position
        and not view.ask(KEY, said.signed_by).compromised_at(said.time)
        for said in held.affirmations
    )


def _any_live(view: View, state: RecordingState | WorkState, at: datetime) -> bool:
    grantors = {held.grantor for held in state.consents.values()}
    for party in sorted(grantors | set(controllers_at(state.shares, at))):
        for held, revoked_from in consents_of(view, party, state):
            words = held.words_at(at)
            if words is None or not words.names(state.asset):
                continue
            until = words.consent.effective_until
            ended = until is not None and until.moment <= at
            if not ended and (revoked_from is None or at < revoked_from):
                return True
    return False


def has_live_consent(view: View, state: RecordingState, at: datetime) -> bool:
    """Tell whether anybody consented to any use of a recording or of a work it performs."""
    works = (view.ask(WORK, name) for name in sorted(state.links))
    return _any_live(view, state, at) or any(_any_live(view, work, at) for work in works)
