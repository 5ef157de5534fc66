"""Reading any node of the tree from its tiles."""

from collections import OrderedDict
from functools import lru_cache
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES, pair_up
from ledger.evidence.merkle import consistency_path, inclusion_path, subtree_root
from ledger.evidence.tiles import TILE_HASHES, TILE_HEIGHT, TileReader, tile_width
from ledger.evidence.tree import split_hashes

TILES_KEPT_MAX: Final = 64
"""Tiles whose inner rows are kept: 1 MiB at most, and a path touches eight."""


class TileHashes:
    """The nodes of a tree of `size`, read through tiles of exactly the widths of that size.

    Inner rows of a tile are computed once and kept: eight paths through one tile cost one tile.
    Not for several threads at once.
    """

    def __init__(self, reader: TileReader, size: int) -> None:
        self._reader = reader
        self.size = size
        self._rows: OrderedDict[tuple[int, int], list[list[bytes]]] = OrderedDict()

    def read_hash(self, level: int, index: int) -> bytes:
        """Return the hash of the complete node (level, index); raises beyond the tree."""
        if level < 0 or not 0 <= index < self.size >> level:
            raise EvidenceError(f"no node {level}/{index} in a tree of size {self.size}")
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile, place = divmod(index, 1 << TILE_HEIGHT - height)
        return self._tile_rows(tile_level, tile)[height][place]

    def root(self) -> bytes:
        """Return the root of the tree, recomputed from its tiles."""
        return subtree_root(0, self.size, self.read_hash)

    def inclusion_path(self, index: int) -> list[bytes]:
        """Return the path of leaf `index`."""
        return inclusion_path(index, self.size, self.read_hash)

    def consistency_path(self, old: int) -> list[bytes]:
        """Return the proof that the tree of size `old` begins this one."""
        return consistency_path(old, self.size, self.read_hash)

    def _tile_rows(self, level: int, index: int) -> list[list[bytes]]:
        """Return the eight rows of a tile, its own hashes first."""
        rows = self._rows.get((level, index))
        if rows is not None:
            self._rows.move_to_end((level, index))
            return rows
        width = tile_width(level, index, self.size)
        blob = self._reader.read_tile(level, index, width)
        if len(blob) != width * HASH_BYTES:
            raise EvidenceError(f"tile {level}/{index} has not {width} hashes")
        is_shared = level > 0 or width < TILE_HASHES
        rows = _shared_rows(blob) if is_shared else _inner_rows(blob)
        self._rows[level, index] = rows
        if len(self._rows) > TILES_KEPT_MAX:
            self._rows.popitem(last=False)
        return rows


def _inner_rows(blob: bytes) -> list[list[bytes]]:
    """Return the eight rows of a tile, its own hashes first."""
    rows = [split_hashes(blob)]
    while len(rows) < TILE_HEIGHT:
        rows.append(pair_up(rows[-1]))
    return rows


# Every path crosses the same few upper tiles and the tiles of the right end. They are read each
# time, and known by their bytes alone: whoever changes one of them has changed the question.
_shared_rows = lru_cache(maxsize=TILES_KEPT_MAX)(_inner_rows)
