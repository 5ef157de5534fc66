"""From positions to the answer that whoever asked can check."""

from collections.abc import Callable, Sequence

from ledger.evidence.nodes import TileHashes
from ledger.storage.contract import Reader
from ledger.storage.errors import Damaged
from ledger.storage.records import CommandRecord, Committed, Prepared

PathOf = Callable[[int], Sequence[bytes]]
"""Inclusion path of a leaf index."""


def answer(
    first: int,
    last: int,
    size: int,
    note: str,
    path: PathOf,
    *,
    replayed: bool,
    work: Prepared | None = None,
) -> Committed:
    """Return the answer for positions first .. last under the checkpoint `note` of `size`."""
    positions = tuple(range(first, last + 1))
    proofs = tuple([tuple(path(position - 1)) for position in positions])
    return Committed(positions, size, note, proofs, replayed=replayed, work=work)


def answer_again(reader: Reader, record: CommandRecord) -> Committed:
    """Return the first answer to a command again, under the checkpoint of its own batch."""
    checkpoint = reader.checkpoint_covering(record.last)
    if checkpoint is None or checkpoint.note is None:
        raise Damaged(f"there is no checkpoint over position {record.last}")
    path = TileHashes(reader, checkpoint.size).inclusion_path
    return answer(record.first, record.last, checkpoint.size, checkpoint.note, path, replayed=True)
