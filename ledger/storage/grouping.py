"""Commits the commands that wait, a batch at a time: without the lock if that does, else under it.

A batch is placed on the head as this process knows it and sent as one call, which writes it if all
is as it was taken to be. If not, the database tells how it is, and the batch is placed once more on
that; after that, or where a command must be decided again, it is placed inside a transaction. So
another process that writes, or a command that comes twice, costs a further call and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.tiles import TILE_HEIGHT
from ledger.evidence.tree import Growth, Tree, grow, load, split_hashes
from ledger.storage.batch import Answer, Batch, UnsettledError, probe
from ledger.storage.contract import Reader, Store
from ledger.storage.drafting import Draft
from ledger.storage.errors import Damaged, OlderCopy
from ledger.storage.killpoints import reach
from ledger.storage.records import Committed, Ground, Head, PlainAppend, Prepared, Probe
from ledger.storage.signal import VisibleHead

DRAFTS_MAX: Final = 2
"""How often a batch is placed without the lock: on what we know, and on what we were told."""

IN_VAIN_MAX: Final = 2
"""How often one looks in vain whether another process has written, before one sends unasked."""

KEYS_MAX: Final = 4_096
"""Wrapped keys that are remembered."""

KEYS_KEPT_S: Final = 60.0
"""How long they are, so that an erased one is not kept for long."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """What became of a batch: an answer for each command, as far as it went, and the new tree.

    `growth` is None where nothing was appended.
    """

    answers: list[Answer]
    growth: Growth | None

    @property
    def events(self) -> int:
        """How many events it has appended."""
        return 0 if self.growth is None else self.growth.tree.size - self.growth.old.size


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What publishing and answering a batch takes, made while the database is still at it.

    `answers` stand beside those of `grouped`: what was placed has its answer here.
    """

    grouped: Grouped
    proof: Sequence[bytes]
    note: str
    answers: Sequence[Answer | Committed]


class Grouping:
    """Commits batches of one process. Only the writer calls it, one thread at a time."""

    def __init__(self, store: Store, visible: VisibleHead, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._visible = visible
        self._clock = clock
        self._tree: Tree | None = None
        self._head: Head | None = None
        self._in_vain = IN_VAIN_MAX
        self._keys: dict[str, bytes] = {}
        self._keys_since_s = time.monotonic()

    def commit(
        self, works: Sequence[Prepared | PlainAppend], meanwhile: Callable[[Grouped], None]
    ) -> Grouped:
        """Append all of `works`, in order, as far as one batch goes; committed when this returns.

        `Clash`, `Conflict`: nothing was written. `Fatal`: stop. `meanwhile` may be called with what
        is likely to be returned, while the database works.
        """
        try:
            return self._drafted(works, meanwhile) or self._locked(works)
        except BaseException:
            self._head = None  # whatever it was, the next batch looks
            raise

    def older(self, size: int) -> OlderCopy:
        """Return what is wrong with a database that holds `size` entries where more were shown."""
        return OlderCopy(
            f"entries up to {self._visible.position} were shown and the database holds {size}: it"
            " is an older copy, perhaps a standby that lacks what was committed last"
        )

    def _drafted(
        self, works: Sequence[Prepared | PlainAppend], meanwhile: Callable[[Grouped], None]
    ) -> Grouped | None:
        """Append without the lock; None where that cannot be, and nothing is written."""
        ground, head = None, self._head
        for _ in range(DRAFTS_MAX):
            # Before the database is asked: without the lock, others go on while it answers.
            seen = self._visible.position
            is_likely = ground is None and self._in_vain < IN_VAIN_MAX
            if head is not None and (is_likely or head.size < seen):
                # Another process is ahead of us, or was a moment ago and has its next batch on the
                # way: what would be refused is not sent. Where the log stands is asked and no more,
                # for the batch asks all else itself.
                subjects = set(probe(works).subjects)
                ground = self._store.look(Probe(subjects=subjects))
                self._sight(ground.head, head)
                head = self._told(ground, seen, subjects)
            if head is None or self._tree is None:
                return None
            ground = ground or Ground(head, self._clock(), {}, {}, {})
            draft = Draft(ground, self._keys, self._clock())
            try:
                answers = draft.place_all(works)
            except UnsettledError:
                return None
            leaves = draft.leaves()
            if not leaves:
                return None
            self._ask_keys(draft.subjects())
            growth = grow(self._tree, leaves)
            rows = draft.rows(growth)
            grouped = Grouped(answers, growth)
            reach("before_commit")
            ground = self._store.append(
                rows, draft.expected(), meanwhile=partial(meanwhile, grouped)
            )
            if ground is None:
                self._stand_on(growth, rows.new)
                return grouped
            self._sight(ground.head, rows.old)
            head = self._told(ground, seen, draft.subjects())
        return None

    def _locked(self, works: Sequence[Prepared | PlainAppend]) -> Grouped:
        """Append inside a transaction."""
        probed = probe(works)
        with self._store.transaction(probed) as transaction:
            # Before anything is written: the register would refuse it only when it is committed.
            head = transaction.ground.head
            self._check_copy(head, self._visible.position)
            batch = Batch(transaction, probed, self._clock)
            answers = batch.place_all(works)
            growth = None
            if leaves := batch.leaves():
                growth = grow(self._tree_at(head, transaction.reader), leaves)
                rows = batch.rows(growth)
                transaction.write(rows)
                reach("before_commit")
        if growth is None:
            self._head = head if self._tree is not None and self._tree.size == head.size else None
        else:
            self._stand_on(growth, rows.new)
            for subject in rows.erases:
                self._keys.pop(subject, None)
        return Grouped(answers, growth)

    def _sight(self, head: Head, known: Head) -> None:
        """Take note of whether another process has written since the head was `known`."""
        self._in_vain = 0 if head.size != known.size else self._in_vain + 1

    def _stand_on(self, growth: Growth, head: Head) -> None:
        self._tree, self._head = growth.tree, head

    def _told(self, ground: Ground, seen: int, subjects: set[str]) -> Head | None:
        """Take over what the database has said instead of writing; None where it is too little."""
        head = ground.head
        self._check_copy(head, seen)
        for subject in subjects:
            self._keys.pop(subject, None)
        self._keys.update(ground.keys)
        tree = self._tree
        if tree is None or tree.size != head.size:
            if ground.edge is None:
                return None
            tree = _tree_on(ground.edge, head.size, tree)
        self._check_root(tree, head)
        self._tree, self._head = tree, head
        return head

    def _ask_keys(self, subjects: set[str]) -> None:
        """Remember the wrapped keys of subjects; whether they are still so the database tells."""
        if time.monotonic() - self._keys_since_s > KEYS_KEPT_S or len(self._keys) > KEYS_MAX:
            self._keys.clear()
            self._keys_since_s = time.monotonic()
        if unknown := subjects.difference(self._keys):
            self._keys.update(self._store.subject_keys(unknown))

    def _check_copy(self, head: Head, seen: int) -> None:
        """Raise where the database has fallen behind what was shown: a standby, promoted early."""
        if head.size < seen:
            raise self.older(head.size)

    def _tree_at(self, head: Head, reader: Reader) -> Tree:
        """Return the tree of `head`: the one in hand, or from its tiles after somebody else."""
        if self._tree is None or self._tree.size != head.size:
            self._tree = load(head.size, reader.read_tile)
        self._check_root(self._tree, head)
        return self._tree

    @staticmethod
    def _check_root(tree: Tree, head: Head) -> None:
        if tree.root != head.root:
            raise Damaged(f"the tiles do not give the root of size {head.size}")


def _tree_on(edge: Mapping[int, bytes], size: int, known: Tree | None) -> Tree:
    """Return the tree of `size` from its edge: what we knew of it, and the leaves since.

    Where these lie in one tile, a batch of another process is hashed and not the whole edge.
    Whether that is the tree of the head, its root tells.
    """
    first = size >> TILE_HEIGHT << TILE_HEIGHT
    if known is None or not first <= known.size < size:
        return load(size, _reading(edge))
    leaves = split_hashes(edge.get(0, b"")[: (size - first) * HASH_BYTES])
    return grow(known, leaves[known.size - first :]).tree


def _reading(edge: Mapping[int, bytes]) -> Callable[[int, int, int], bytes]:
    """Return what reads the tiles of an edge, for `tree.load`."""
    return lambda level, _, width: edge.get(level, b"")[: width * HASH_BYTES]
