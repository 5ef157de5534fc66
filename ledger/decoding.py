"""From stored bytes to typed events: open what may be opened, and keep what may not.

Signatures are verified over the *stored* bytes where they are audited; here the store is our own.
Pointers of openings lead into the entry's payload: `/actor`, `/data/creator`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger.rights.view import Recorded
from ledger.storage.records import StoredEntry
from schemas import commitments
from schemas.commitments import Opening
from schemas.envelope.entry import Entry, read_entry, read_usual
from schemas.events.base import Event
from schemas.model import Commitment
from schemas.registry import event_class, read_event_bytes


def read_recorded(stored: StoredEntry, openings: Sequence[Opening]) -> Recorded:
    """Return the typed event of a stored entry, with what the ledger keeps private in place.

    What a statement committed to (a prompt, a name, bank details) stays a commitment: rules never
    need its value, and who may see it reads the opening. Raises `Malformed` if the bytes are not an
    entry, or an opening does not open what it should: the store is damaged then, and nothing may be
    decided on it.
    """
    signed = read_signed(stored.data, openings)
    return Recorded(stored.position, stored.time, _actor(signed.actor), signed.event())


def read_replayed(stored: StoredEntry, openings: Sequence[Opening]) -> Recorded:
    """Return the same for tables that can be folded again, in less time.

    Openings came out of seals that bind them to their places, and are not hashed here; the bytes
    were read strictly when they were written, and an audit reads them so again.
    """
    entry = read_to_type(stored.data)
    signed = _signed(entry, _own(entry, openings))
    return Recorded(stored.position, stored.time, _actor(signed.actor), signed.event())


@dataclass(frozen=True, slots=True)
class Signed:
    """An entry, and what the rules see of it: `actor` and `opened` fields in the open.

    Whether its data are what their type asks for is known when the event is read.
    """

    entry: Entry
    actor: Any
    opened: Mapping[str, Any]

    def event(self) -> Event:
        """Read the typed event, or raise `Malformed`."""
        head = self.entry.head
        return read_event_bytes(head.type, head.version, bytes(head.data), self.opened)


def read_signed(raw: bytes, openings: Sequence[Opening]) -> Signed:
    """Read an entry, require that what opens it for the rules does open it, and see it as they do.

    Raises `Malformed`. The signature is **not** checked; nor are the data before `Signed.event`.
    """
    entry = read_to_type(raw)
    own = _own(entry, openings)
    check_opened(entry, own)
    return _signed(entry, own)


def read_to_type(raw: bytes) -> Entry:
    """Read an entry whose data will be read as an event, which says whether they are in order."""
    return read_usual(raw) or read_entry(raw)


def check_opened(entry: Entry, openings: Sequence[Opening]) -> None:
    """Raise `Malformed` unless every opening opens the commitment at its pointer, each once."""
    pointers = {opening.pointer for opening in openings}
    if len(pointers) < len(openings) or not all(
        commitments.opens(entry.member(opening.pointer), opening) for opening in openings
    ):
        commitments.check_openings(entry.payload, openings)


def _own(entry: Entry, openings: Sequence[Opening]) -> list[Opening]:
    """Return what opens commitments that the ledger itself made."""
    if not openings:
        return []
    own = own_pointers(event_class(entry.type, entry.version))
    return [opening for opening in openings if opening.pointer in own]


def _signed(entry: Entry, own: Sequence[Opening]) -> Signed:
    values = {opening.pointer: opening.value for opening in own}
    actor = values.pop("/actor") if "/actor" in values else entry.actor
    values.pop("/correlation", None)
    return Signed(
        entry, actor, {name.removeprefix("/data/"): each for name, each in values.items()}
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
