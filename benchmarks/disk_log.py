"""A log's tiles as static files on a disk, as they are served; made once for a benchmark."""

import os
from collections.abc import Iterator
from pathlib import Path

from ledger.evidence.hashing import HASH_BYTES, leaf_hash
from ledger.evidence.tiles import TILE_HASHES, TILE_HEIGHT, tile_path
from ledger.evidence.tree import TileRow, Tree, grow

BATCH = 1 << 16


class Disk:
    """Reads tiles from files, and remembers which."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.read: dict[str, None] = {}

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return a tile's hashes; the file of a partial tile is the one of its width."""
        path = f"{self._folder}/{tile_path(level, index, width)}"
        self.read[path] = None
        return bare(path)


def bare(path: str) -> bytes:
    """Read a file, the whole of it, with three calls to the system."""
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.read(handle, TILE_HASHES * HASH_BYTES)
    finally:
        os.close(handle)


def forget(path: str) -> None:
    """Have the system drop what it caches of a file that is on the disk: the next read is cold.

    It drops pages, not the names of folders, so opening a file stays warm on both sides.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def write_log(folder: Path, size: int) -> Tree:
    """Write the tiles of a log of `size` made-up leaves; return its tree. Everything is synced."""
    tree = Tree()
    for row, grown in tiles_of(size):
        path = folder / tile_path(row.level, row.index, row.width)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(row.hashes)
        tree = grown
    os.sync()
    return tree


def tiles_of(size: int) -> Iterator[tuple[TileRow, Tree]]:
    """Yield every tile of a log of made-up leaves, the partial ones last, and the tree by then."""
    tree = Tree()
    for first in range(0, size, BATCH):
        growth = grow(tree, [made_up(number) for number in range(first, min(first + BATCH, size))])
        tree = growth.tree
        yield from ((row, tree) for row in growth.tiles if row.width == TILE_HASHES)
    for level, blob in enumerate(tree.edge):
        if blob:
            yield TileRow(level, size >> TILE_HEIGHT * (level + 1), blob), tree


def made_up(number: int) -> bytes:
    """Return the hash of a leaf that nobody wrote."""
    return leaf_hash(b"%d" % number)
