"""From stored bytes to typed events: open what may be opened, and keep what may not.

Signatures are verified over the *stored* bytes where they are audited; here the store is our own.
Pointers of openings lead into the entry's payload: `/actor`, `/data/creator`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ledger.rights.view import Recorded
from ledger.storage.records import StoredEntry
from schemas import canonical, commitments
from schemas.commitments import Opening
from schemas.envelope import cose
from schemas.envelope.entry import Entry, read_entry
from schemas.events.base import Event
from schemas.model import Commitment
from schemas.registry import event_class, read_event


def read_recorded(stored: StoredEntry, openings: Sequence[Opening]) -> Recorded:
    """Return the typed event of a stored entry, with what the ledger keeps private in place.

    What a statement committed to (a prompt, a name, bank details) stays a commitment: rules never
    need its value, and who may see it reads the opening. Raises `Malformed` if the bytes are not an
    entry, or an opening does not open what it should: the store is damaged then, and nothing may be
    decided on it.
    """
    entry = read_entry(stored.data)
    payload = ledger_view(entry, openings)
    return Recorded(
        position=stored.position,
        time=stored.time,
        actor=_actor(payload["actor"]),
        event=read_event(entry.type, entry.version, payload["data"], recorded=True),
    )


def read_replayed(stored: StoredEntry, openings: Sequence[Opening]) -> Recorded:
    """Return the same for tables that can be folded again, in a third of the time.

    The bytes were read strictly when they were written, and an audit reads them so again; here only
    types are checked. Openings come out of seals that bind them to their places.
    """
    _, content = cose.read_own(stored.data)
    payload = canonical.reread(content)
    found = event_class(payload["type"], payload["version"])
    if openings:
        own = own_pointers(found)
        chosen = [opening for opening in openings if opening.pointer in own]
        payload = commitments.placed(payload, chosen)
    return Recorded(
        position=stored.position,
        time=stored.time,
        actor=_actor(payload["actor"]),
        event=found.read(payload["data"], recorded=True),
    )


@cache
def own_pointers(found: type[Event]) -> frozenset[str]:
    """Return where the ledger itself commits in an event's entry."""
    return frozenset({"/actor", "/correlation", *(f"/data/{name}" for name in found.COMMITTED)})


def ledger_view(
    entry: Entry, openings: Sequence[Opening], *, are_checked: bool = False
) -> dict[str, Any]:
    """Return the payload as rules see it: only what the ledger itself committed is opened.

    `are_checked` says that `check_openings` has let these openings pass.
    """
    own = own_pointers(event_class(entry.type, entry.version))
    chosen = [opening for opening in openings if opening.pointer in own]
    if are_checked:
        payload: dict[str, Any] = commitments.placed(entry.payload, chosen)
        return payload
    return open_payload(entry, chosen)


def open_payload(entry: Entry, openings: Sequence[Opening]) -> dict[str, Any]:
    """Return the entry's payload with values in place of every commitment that is opened."""
    if not openings:
        return entry.payload
    payload: dict[str, Any] = commitments.opened(entry.payload, openings)
    return payload


def _actor(value: Any) -> str | Commitment:
    return value if isinstance(value, str) else Commitment.read(value)
