"""Recomputing the verifiable index from the entries alone."""

from __future__ import annotations

from ledger.evidence.errors import EvidenceError
from ledger.evidence.index import EMPTY, Touches, Update, key_of
from schemas.events.log import IndexRootPublished


class _Memory(dict[bytes, bytes]):
    """Nodes of the index in memory."""

    def body(self, digest: bytes) -> bytes:
        found = self.get(digest)
        if found is None:
            raise EvidenceError(f"no node of the index has the hash {digest.hex()}")
        return found


class IndexReplay:
    """Takes in entries in order, and says what root they give up to a position."""

    def __init__(self) -> None:
        self._nodes = _Memory()
        self._values: dict[str, Touches] = {}
        self._waiting: list[tuple[int, tuple[str, ...]]] = []
        self._names: dict[str, str] = {}
        self._root = EMPTY

    def take(self, position: int, names: tuple[str, ...]) -> None:
        """Take in an entry: whom it touches, each once, by its public fields alone."""
        if names:
            # The same few subjects come again and again: one text of each is kept.
            known = self._names.setdefault
            self._waiting.append((position, tuple([known(name, name) for name in names])))

    def differs(self, event: IndexRootPublished) -> str | None:
        """Return how a published root differs from what the entries give, or None."""
        root, subjects = self._up_to(event.through)
        if root.hex() != event.root:
            return f"the entries up to {event.through} give the root {root.hex()}"
        if subjects != event.subjects:
            return f"the entries up to {event.through} touch {subjects} subjects"
        return None

    def _up_to(self, through: int) -> tuple[bytes, int]:
        changed: set[str] = set()
        rest = []
        for position, names in self._waiting:
            if position > through:
                rest.append((position, names))
                continue
            for name in names:
                self._values[name] = self._values.get(name, Touches()).extended([position])
                changed.add(name)
        self._waiting = rest
        update = Update(self._nodes, {})
        self._root = update.put(self._root, {key_of(name): self._values[name] for name in changed})
        self._nodes.update(update.fresh)
        return self._root, len(self._values)
