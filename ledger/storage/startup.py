"""What happens when a log is opened: prove that it continues what was shown, or refuse."""

from ledger.evidence.errors import EvidenceError
from ledger.evidence.nodes import TileHashes
from ledger.evidence.tree import load
from ledger.storage.contract import Register, Store, Transaction
from ledger.storage.errors import Damaged, OlderCopy
from ledger.storage.publishing import Publisher, proof_from_tiles
from ledger.storage.records import Head


def recover(store: Store, register: Register, publisher: Publisher) -> None:
    """Bring register and visible head to the committed head.

    The database may be ahead of the register (somebody stopped before it answered): its history is
    proved to continue what the register has, which then accepts it. Behind, it is an older copy
    and `OlderCopy` says so; inconsistent, the register refuses. Other processes may be committing
    meanwhile: what they have accepted before us is ours as well.
    """
    # First the register, then the database: what it held was committed by then.
    held = register.held()
    with store.transaction() as transaction:
        head = transaction.ground.head
        _check_state(head, transaction)
        if held.size > head.size:
            raise OlderCopy(
                f"the register has seen {held.size} entries and this file holds {head.size}: it is"
                " an older copy, perhaps a restored backup; entries that were answered are missing"
            )
        hashes = TileHashes(transaction.reader, head.size)
        proof = proof_from_tiles(hashes, held.size)
    if (head.size, head.size, head.root) == (head.visible, held.size, held.root):
        publisher.visible.advance(head.size)  # nobody stopped in between: there is nothing to say
    elif head.size:
        # If we stop here or below, the next start does the same again.
        publisher.publish(head.size, head.root, old_size=held.size, proof=proof)


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
