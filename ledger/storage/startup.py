"""What happens when a log is opened: prove that it continues what was shown, or refuse."""

from ledger.evidence.errors import EvidenceError
from ledger.evidence.nodes import TileHashes
from ledger.evidence.tree import load
from ledger.storage.contract import Reader, Register, Store, Transaction
from ledger.storage.errors import Damaged, OlderCopy
from ledger.storage.records import Head
from ledger.storage.writer import SignCheckpoint


def recover(store: Store, register: Register, sign: SignCheckpoint) -> int:
    """Bring register and visible head to the committed head; return the visible size.

    The database may be ahead of the register (we stopped before it answered): its history is
    proved to continue what the register has, which then accepts it. Behind, it is an older copy
    and `OlderCopy` says so; inconsistent, the register refuses. Entries that were committed and
    never accepted become visible here and nowhere else.
    """
    with store.transaction() as transaction:
        reader, head = transaction.reader, transaction.ground.head
        _check_state(head, transaction)
        old_size = register.size()
        if old_size > head.size:
            raise OlderCopy(
                f"the register has seen {old_size} entries and this file holds {head.size}: it is"
                " an older copy, perhaps a restored backup; entries that were answered are missing"
            )
        proof = _continues(reader, old_size)
    if head.size == 0:
        return 0
    note = sign(head.size, head.root)
    # If we stop here or below, the next start does the same again.
    register.update(old_size=old_size, proof=proof, note=note)
    store.accept(head.size, note)
    return head.size


def _check_state(head: Head, transaction: Transaction) -> None:
    """Raise `Damaged` unless state row, entries and tiles speak of the same tree.

    The edge of the tree alone, so that starting takes no longer with a longer log; `audit`
    recomputes all of it.
    """
    end = transaction.log_end()
    if end != head.size:
        raise Damaged(f"the state row says {head.size} entries, the log ends at {end}")
    try:
        root = load(head.size, transaction.reader.read_tile).root
    except EvidenceError as error:
        raise Damaged(f"the tiles are not those of {head.size} entries [{error}]") from error
    if root != head.root:
        raise Damaged(f"the tiles do not give the root of size {head.size}")


def _continues(reader: Reader, old_size: int) -> list[bytes]:
    try:
        return TileHashes(reader, reader.bound).consistency_path(old_size)
    except EvidenceError as error:
        raise Damaged(f"no proof from size {old_size} can be made [{error}]") from error
