"""How a store finds entries again, as an audit asks it; none of it is signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.audit.kept import state_differs
from ledger.storage.contract import Reader, Store
from schemas.events.erasure import OpeningsErased

PAGE: Final = 500
"""Tags, or commands, that are asked for in one snapshot: it is kept short."""

_ERASED: Final = DCBQuery(items=[DCBQueryItem(types=[OpeningsErased.TOPIC])])


class Lookups(Protocol):
    """How a store finds entries again: what decisions, guards and feeds rest on."""

    def tagged(self, tags: Sequence[str], *, until: int) -> Iterator[tuple[str, list[int], int]]:
        """Yield of each tag where it is found, and its last position as guards know it."""
        ...

    def erases_after(self, position: int) -> bool:
        """Tell whether openings were erased by an entry after this one, accepted or not."""
        ...

    def goes_on_wrong(self) -> tuple[int, str] | None:
        """Return behind which position the next entry would go on wrongly, and why; or None."""
        ...

    def answered(self, *, until: int) -> Iterator[tuple[str, int]]:
        """Yield each command that is said to be answered up to a position, and from where on."""
        ...


class StoreLookups:
    """Implements `Lookups` on a store, in short snapshots of the same immutable past."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def tagged(self, tags: Sequence[str], *, until: int) -> Iterator[tuple[str, list[int], int]]:
        """Yield of each tag where it is found, and its last position as guards know it."""
        for at in range(0, len(tags), PAGE):
            with self._store.snapshot() as reader:
                found = [_tagged(reader, tag, until) for tag in tags[at : at + PAGE]]
            yield from found

    def erases_after(self, position: int) -> bool:
        """Tell whether openings were erased by an entry after this one, accepted or not."""
        with self._store.snapshot(committed=True) as reader:
            return reader.matches(_ERASED, after=position)

    def goes_on_wrong(self) -> tuple[int, str] | None:
        """Return behind which position the next entry would go on wrongly, and why; or None."""
        with self._store.snapshot(committed=True) as reader:
            return state_differs(reader)

    def answered(self, *, until: int) -> Iterator[tuple[str, int]]:
        """Yield each command that is said to be answered up to a position, and from where on."""
        last = ""
        while True:
            with self._store.snapshot() as reader:
                found = reader.answered(last, until=until, limit=PAGE)
            yield from found
            if len(found) < PAGE:
                return
            last = found[-1][0]


def _tagged(reader: Reader, tag: str, until: int) -> tuple[str, list[int], int]:
    query = DCBQuery(items=[DCBQueryItem(tags=[tag])])
    places = [position for position in reader.positions(query) if position <= until]
    return tag, places, reader.last_position(tag)
