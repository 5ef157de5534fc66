"""Comparing the tiles of a log's bearer with those that the entries give.

Outside readers prove inclusion by the bearer's tiles. One that is wrong in its middle leaves the
root as it is, which is computed from others; so each is compared, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledger.audit.log import AuditLog
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.tiles import TILE_HASHES, TILE_HEIGHT, tile_path
from ledger.evidence.tree import Growth, TileRow, Tree


def full_tiles(growth: Growth) -> list[TileRow]:
    """Return the tiles that a batch has filled: they never change again."""
    return [tile for tile in growth.tiles if tile.width == TILE_HASHES]


def edge_tiles(tree: Tree) -> list[TileRow]:
    """Return the partial tiles at the end of a tree."""
    return [
        TileRow(level, tree.size >> TILE_HEIGHT * (level + 1), hashes)
        for level, hashes in enumerate(tree.edge)
        if hashes
    ]


def differing(log: AuditLog, tiles: Iterable[TileRow]) -> Iterator[tuple[int, str]]:
    """Yield the first position under each tile of the bearer that is not this one, and its path."""
    for tile in tiles:
        stored = log.tile(tile.level, tile.index, tile.width)
        if stored is not None and stored != tile.hashes:
            path = tile_path(tile.level, tile.index, tile.width)
            yield _first(tile, stored), f"{path} is not what the entries give"


def _first(tile: TileRow, stored: bytes) -> int:
    """Return the first position under the first hash that differs."""
    places = range(0, len(tile.hashes), HASH_BYTES)
    at = next(
        (at for at in places if stored[at : at + HASH_BYTES] != tile.hashes[at : at + HASH_BYTES]),
        0,  # all of them are there, and more
    )
    leaves = 1 << TILE_HEIGHT * tile.level
    return (tile.index * TILE_HASHES + at // HASH_BYTES) * leaves + 1
