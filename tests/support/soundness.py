"""Everything about a log that can be recomputed from its entries."""

from collections.abc import Mapping

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import open_checkpoint
from ledger.evidence.tree import Tree, grow
from ledger.storage.opening import Storage
from tests.support.storage_world import LOG_KEY


def check_sound(log: Storage) -> None:
    """Recompute everything that can be recomputed from the entries."""
    with log.snapshot() as reader:
        entries = reader.read_after(0, 10_000)
        assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
        assert reader.bound == reader.head().size == len(entries)
        last = reader.last_checkpoint()
        growth = grow(Tree(), [leaf_hash(entry.data) for entry in entries])
        for tile in growth.tiles:
            assert reader.read_tile(tile.level, tile.index, tile.width) == tile.hashes
        assert reader.head().root == growth.root
    if entries:
        assert last is not None
        assert last.note is not None
        checkpoint = open_checkpoint(last.note, LOG_KEY.verifier)
        assert (checkpoint.size, checkpoint.root) == (len(entries), growth.root)


def check_answered(log: Storage, answered: Mapping[str, int]) -> None:
    """Require that every command that was answered is where its answer said: first positions."""
    with log.snapshot() as reader:
        for command_id, position in answered.items():
            record = reader.command(command_id)
            assert record is not None
            assert record.first == position
