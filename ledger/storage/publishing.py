"""From committed to visible: the register accepts a checkpoint, and then everybody may see it.

Several processes commit behind one head and have their checkpoints accepted in any order. Accepted
means that the register holds a size not below ours, and that ours begins it (contracts, 11).
"""

from collections.abc import Callable, Sequence
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.nodes import TileHashes
from ledger.storage.contract import Register, Store
from ledger.storage.errors import (
    Damaged,
    Fatal,
    OlderCopy,
    RegisterMoved,
    RegisterRefused,
    RegisterSilent,
)
from ledger.storage.killpoints import reach
from ledger.storage.signal import VisibleHead

SignCheckpoint = Callable[[int, bytes, bool], str | None]
"""Signs a checkpoint: size and root to a C2SP signed note.

Then whether this process has made its last batch, by keys that were in force. None: by which keys
it is signed is not known before it is committed.
"""

TRIES_MAX: Final = 16
"""How often others may move the register between our question and our update."""


class Publisher:
    """Has checkpoints of one log accepted and shows what they cover. Every failure is `Fatal`."""

    def __init__(
        self, store: Store, register: Register, sign: SignCheckpoint, visible: VisibleHead
    ) -> None:
        self._store = store
        self._register = register
        self._sign = sign
        self.visible = visible

    def foresee(
        self, size: int, root: bytes, *, old_size: int, proof: Sequence[bytes]
    ) -> str | None:
        """Sign the checkpoint of a tree that may soon be committed, for `publish`.

        It goes nowhere but to the register of this process, which looks at it. None: it can be
        signed only when it is committed.
        """
        note = self._sign(size, root, True)
        if note is None:
            return None
        self._register.foresee(old_size=old_size, proof=proof, note=note)
        return note

    def publish(
        self,
        size: int,
        root: bytes,
        *,
        old_size: int,
        proof: Sequence[bytes],
        note: str | None = None,
    ) -> str:
        """Publish the committed tree of `size`; return its signed checkpoint.

        `proof` shows that the tree of `old_size` begins it: where the register stands elsewhere,
        another proof is made from the tiles. `note` is the checkpoint where it was signed before.
        """
        try:
            reach("after_commit_before_register")
            note = note or self._sign(size, root, False)
            assert note is not None, "it is committed"
            self._have_accepted(size, note, old_size, proof)
            reach("after_register_before_visible_head")
            self._store.accept(size, note)
            self.visible.advance(size)
        except Fatal:
            raise
        except Exception as error:
            raise Fatal(f"a committed batch was not published [{error}]: reload") from error
        reach("after_visible_head_before_answer")
        return note

    def publish_committed(self) -> None:
        """Publish all that is committed: whoever committed it may have ended before it could."""
        with self._store.snapshot(committed=True) as reader:
            head = reader.head()
        if head.visible < head.size:
            old_size = self._register.held().size
            proof = self._proof(min(old_size, head.size), head.size)
            self.publish(head.size, head.root, old_size=old_size, proof=proof)
        self.visible.advance(head.size)

    def _have_accepted(self, size: int, note: str, old_size: int, proof: Sequence[bytes]) -> None:
        for _ in range(TRIES_MAX):
            try:
                self._register.update(old_size=old_size, proof=proof, note=note)
            except RegisterMoved as moved:
                if moved.size >= size:
                    self._check_ahead(size)
                    return
                # Behind what we took for its state: whoever committed before us is not there yet.
                old_size, proof = moved.size, self._proof(moved.size, size)
            else:
                return
        raise RegisterSilent("others move the register as soon as we ask for its state")

    def _check_ahead(self, size: int) -> None:
        """Raise unless what the register holds, at or beyond `size`, is this log's own history."""
        held = self._register.held()
        with self._store.snapshot(committed=True) as reader:
            committed = reader.bound
            if held.size > committed:
                raise OlderCopy(
                    f"the register has seen {held.size} entries and the database holds {committed}"
                )
            try:
                root = TileHashes(reader, held.size).root()
            except EvidenceError as error:
                raise Damaged(f"no root of size {held.size} can be made [{error}]") from error
        if held.size < size or root != held.root:
            raise RegisterRefused(f"the register holds another history of {held.size} entries")

    def _proof(self, old_size: int, size: int) -> list[bytes]:
        with self._store.snapshot(committed=True) as reader:
            return proof_from_tiles(TileHashes(reader, size), old_size)


def proof_from_tiles(hashes: TileHashes, old_size: int) -> list[bytes]:
    """Return the proof that the tree of `old_size` begins this one; `Damaged` if there is none."""
    try:
        return hashes.consistency_path(old_size)
    except EvidenceError as error:
        raise Damaged(f"no proof from size {old_size} can be made [{error}]") from error
