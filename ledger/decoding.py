"""From stored bytes to typed events: open what may be opened, and keep what may not.

Signatures are verified over the *stored* bytes where they are audited; here the store is our own.
Pointers of openings lead into the entry's payload: `/actor`, `/data/creator`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

from ledger.rights.view import Recorded
from ledger.storage.contract import Reader
from ledger.storage.records import StoredEntry
from schemas import canonical, commitments
from schemas.commitments import Opening
from schemas.envelope import cose
from schemas.envelope.entry import Entry, read_entry_but_data, read_entry_unchecked
from schemas.events.base import Event
from schemas.model import Commitment
from schemas.parts import Part
from schemas.registry import event_class, read_event_bytes

_ACTOR: Final = "/actor"
_CORRELATION: Final = "/correlation"
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CLOSED: Final = b'"commit"'


def is_closed(stored: StoredEntry) -> bool:
    """Tell whether an entry can have openings: most commit to nothing, and need not be asked for.

    Canonical JSON writes a commitment in one way alone.
    """
    return _CLOSED in stored.data


def read_recorded(stored: StoredEntry, openings: Sequence[Opening]) -> Recorded:
    """Return the typed event of a stored entry, with what the ledger keeps private in place.

    What a statement committed to (a prompt, a name, bank details) stays a commitment: rules never
    need its value, and who may see it reads the opening. Raises `Malformed` if the bytes are not an
    entry, or an opening does not open what it should: the store is damaged then, and nothing may be
    decided on it.
    """
    return _recorded(stored, seen_by_rules(read_entry_but_data(stored.data), openings))


Reading = Callable[[StoredEntry, Reader], Recorded]
"""Returns the typed event of a stored entry, where its reader may say what opens it."""


def read_from(stored: StoredEntry, reader: Reader) -> Recorded:
    """Return the typed event of an entry, opened by what its reader has of it."""
    openings = reader.openings(stored.event_id or "") if is_closed(stored) else ()
    return read_recorded(stored, openings)


def read_replayed(stored: StoredEntry, openings: Sequence[Opening]) -> Recorded:
    """Return the same for tables that can be folded again, in less time.

    Openings came out of seals that bind them to their places, and are not hashed here; the bytes
    were read strictly when they were written, and an audit reads them so again.
    """
    seen = seen_by_rules(read_entry_unchecked(stored.data), openings, are_checked=True)
    return _recorded(stored, seen)


def read_part(stored: StoredEntry, openings: Sequence[Opening], wanted: Part) -> Any | None:
    """Return a record of some fields alone, what the ledger keeps private in place.

    None where only the whole event will do, see `Part.read`. Raises `Malformed` where the bytes
    are no entry. No value is looked into: for tables that can be folded again.
    """
    places, opened = wanted.places, {}
    for one in openings:
        if one.pointer in places:
            opened[places[one.pointer]] = one.value
    return wanted.read(cose.read_own_payload(stored.data), opened)


class SeenByRules(NamedTuple):
    """An entry as the rules see it: its `data`, and of these the fields that are `opened`.

    Whether its data are what their type asks for is known when the event is read.
    """

    topic: str
    version: int
    actor: Any
    data: bytes
    opened: dict[str, Any]

    def event(self) -> Event:
        """Read the typed event, or raise `Malformed`."""
        return read_event_bytes(self.topic, self.version, self.data, self.opened)

    def opened_data(self) -> bytes:
        """Return the canonical bytes of the data with what is opened in place."""
        if not self.opened:
            return self.data
        return canonical.encode_json({**_MEMBERS.decode(self.data), **self.opened})


def seen_by_rules(
    entry: Entry, openings: Sequence[Opening], *, are_checked: bool = False
) -> SeenByRules:
    """See an entry as the rules do: only what the ledger itself committed is opened.

    Raises `Malformed` where one of these openings opens nothing; `are_checked` says that they do.
    """
    if not openings:
        return SeenByRules(entry.type, entry.version, entry.actor, bytes(entry.head.data), {})
    places = own_places(event_class(entry.type, entry.version))
    own = [opening for opening in openings if opening.pointer in places]
    if not are_checked:
        check_openings_of(entry, own)
    opened = {places[opening.pointer]: opening.value for opening in own}
    actor = opened.pop(_ACTOR) if _ACTOR in opened else entry.actor
    opened.pop(_CORRELATION, None)
    return SeenByRules(entry.type, entry.version, actor, bytes(entry.head.data), opened)


def check_openings_of(entry: Entry, openings: Sequence[Opening]) -> None:
    """Raise `Malformed` unless every opening opens the commitment at its pointer, each once."""
    if not openings:
        return
    pointers = {opening.pointer for opening in openings}
    if len(pointers) < len(openings) or not all(
        commitments.opens(entry.member(opening.pointer), opening) for opening in openings
    ):
        commitments.check_openings(entry.payload, openings)


@cache
def own_places(found: type[Event]) -> Mapping[str, str]:
    """Return where the ledger itself commits in an event's entry: pointers, and what is there."""
    fields = {f"/data/{name}": name for name in found.COMMITTED}
    return {_ACTOR: _ACTOR, _CORRELATION: _CORRELATION} | fields


def open_payload(entry: Entry, openings: Sequence[Opening]) -> dict[str, Any]:
    """Return the entry's payload with values in place of every commitment that is opened."""
    if not openings:
        return entry.payload
    payload: dict[str, Any] = commitments.opened(entry.payload, openings)
    return payload


def _recorded(stored: StoredEntry, seen: SeenByRules) -> Recorded:
    return Recorded(stored.position, stored.time, _actor(seen.actor), seen.event())


def _actor(value: Any) -> str | Commitment:
    return value if isinstance(value, str) else Commitment.read(value)
