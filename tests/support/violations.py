"""What a race must never leave in a log, judged by positions alone, which nobody can argue with.

An authorization at p that cites a consent which was revoked between its grant and p saw less than
it should have; so did a consent that was granted at p under a mandate revoked before p.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ledger.feed import Feed
from ledger.rights.view import Recorded
from ledger.storage.contract import Store
from ledger.storage.signal import VisibleHead
from schemas.envelope.entry import read_entry
from schemas.envelope.statement import read_statement
from schemas.events.consents import ConsentGranted, ConsentRevoked
from schemas.events.generations import GenerationAuthorized
from schemas.events.parties import MandateRevoked
from schemas.terms import Consent


def read_log(store: Store, visible: VisibleHead) -> list[Recorded]:
    """Return the whole visible log."""
    feed = Feed(store, visible)
    return list(feed.read_after(0, feed.visible_head()))


def blind_authorizations(log: Iterable[Recorded]) -> list[tuple[int, int]]:
    """Return (authorization, revocation) by their positions, wherever one did not see the other."""
    rows = list(log)
    granted = {
        row.event.consent.consent: (row.position, row.event.consent)
        for row in rows
        if isinstance(row.event, ConsentGranted)
    }
    revoked = [row for row in rows if isinstance(row.event, ConsentRevoked)]
    return [
        (row.position, late.position)
        for row in rows
        if isinstance(row.event, GenerationAuthorized)
        for name in _cited(row.event)
        for late in revoked
        if granted[name][0] < late.position < row.position
        and _touches(late.event, granted[name][1])
    ]


def blind_acts(store: Store, log: Iterable[Recorded]) -> list[tuple[int, int]]:
    """Return (consent, revocation of the mandate that it was granted under), likewise."""
    rows = list(log)
    ended = {
        row.event.mandate: row.position for row in rows if isinstance(row.event, MandateRevoked)
    }
    found = []
    with store.snapshot() as reader:
        for row in rows:
            entry = reader.entry(row.position)
            if not isinstance(row.event, ConsentGranted) or entry is None:
                continue
            sha256 = bytes.fromhex(read_entry(entry.data).statement_sha256)
            mandate = read_statement(reader.statement(sha256, row.position) or b"").mandate
            if mandate is not None and ended.get(mandate, row.position) < row.position:
                found.append((row.position, ended[mandate]))
    return found


def _cited(event: Any) -> Iterator[str]:
    for reference in event.references:
        for cited in reference.consents:
            yield cited.consent


def _touches(revoked: Any, words: Consent) -> bool:
    if revoked.party != words.grantor:
        return False
    assets = (*words.applies_to.recordings, *words.applies_to.works)
    return revoked.everything or revoked.consent == words.consent or revoked.asset in assets
