"""The growing end of the log: a tree's state, and what a batch of leaves adds to it.

The state is the *frontier* (the roots of the complete subtrees, one for each bit of the size) and
the *edge* (the partial tile of each tile level). Growing hashes each new node once; every path of
the batch, and the proof that the new tree continues the old, come out of those same nodes, so
nothing is read back and no root is folded over a whole tile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES, pair_up
from ledger.evidence.merkle import (
    consistency_ranges,
    fold,
    subtree_root,
)
from ledger.evidence.tiles import TILE_HASHES, TILE_HEIGHT, edge_widths

_TILE_BYTES: Final = TILE_HASHES * HASH_BYTES


@dataclass(frozen=True, slots=True)
class TileRow:
    """A tile to be stored; of the same level and index the longer one replaces the shorter."""

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        """Hashes in it, 1 to 256."""
        return len(self.hashes) // HASH_BYTES


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of `size` leaves, as far as growing it needs to know.

    `frontier[l]` is the root of the complete subtree of level l that ends the tree where bit l of
    `size` is set, else empty. `edge[t]` is the partial tile of tile level t, empty where the last
    one is full.
    """

    size: int = 0
    frontier: tuple[bytes, ...] = ()
    edge: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return fold([root for root in reversed(self.frontier) if root])

    @property
    def packed_frontier(self) -> bytes:
        """The frontier without its gaps, for the state's row; `load` checks against it."""
        return b"".join(self.frontier)


def load(size: int, read_tile: Callable[[int, int, int], bytes]) -> Tree:
    """Return the state of a tree of `size` from its edge tiles: `read_tile(level, index, width)`.

    Raises `EvidenceError` where a tile has another width than the size asks for.
    """
    edge = []
    frontier = [b""] * size.bit_length()
    for level, width in enumerate(edge_widths(size)):
        tile = read_tile(level, size >> TILE_HEIGHT * (level + 1), width) if width else b""
        if len(tile) != width * HASH_BYTES:
            raise EvidenceError(f"edge tile of level {level} has not {width} hashes")
        edge.append(tile)
        row = split_hashes(tile)
        for height in range(TILE_HEIGHT):
            if len(row) & 1:
                frontier[level * TILE_HEIGHT + height] = row[-1]
            row = pair_up(row)
    return Tree(size, tuple(frontier), tuple(edge))


@dataclass(frozen=True)
class Growth:
    """What a batch has added: the new state, the tiles to store, and paths to the new root."""

    old: Tree
    tree: Tree
    tiles: tuple[TileRow, ...]
    nodes: tuple[list[bytes], ...] = field(repr=False)
    _roots: dict[tuple[int, int], bytes] = field(default_factory=dict, repr=False, compare=False)
    _paths: dict[tuple[int, int], tuple[bytes, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def root(self) -> bytes:
        """The root of the new tree."""
        return self.tree.root

    def inclusion_path(self, index: int) -> tuple[bytes, ...]:
        """Return the path of leaf `index`, one of this batch, to the new root.

        From the leaf upwards, as it is checked (RFC 9162, section 2.1.3.2).
        """
        if not self.old.size <= index < self.tree.size:
            raise EvidenceError(f"leaf {index} is not in this batch")
        return self._path(0, index, self.tree.size - 1)

    def _path(self, level: int, at: int, last: int) -> tuple[bytes, ...]:
        """Return the path of a node, of which `last` is the last of its level.

        Each leaf of a batch asks, and two neighbors go the same way but for its first step.
        """
        if not last:
            return ()
        path = self._paths.get((level, at))
        if path is None:
            path = self._path(level + 1, at >> 1, last >> 1)
            if at & 1:
                path = (self.read_hash(level, at - 1), *path)
            elif at < last - 1:
                path = (self.read_hash(level, at + 1), *path)
            elif at < last:
                # The last one of its level: a whole subtree, or the ragged end of the tree.
                path = (self._range(last << level, self.tree.size), *path)
            self._paths[level, at] = path
        return path

    def consistency_path(self) -> list[bytes]:
        """Return the proof that the new tree continues the old."""
        return [
            self._range(*leaves) for leaves in consistency_ranges(self.old.size, self.tree.size)
        ]

    def read_hash(self, level: int, index: int) -> bytes:
        """Return node (level, index) if it is new, or the old tree's last at that level."""
        known = self.old.size >> level
        if index >= known:
            return self.nodes[level][index - known]
        if index == known - 1 and known & 1:
            return self.old.frontier[level]
        raise EvidenceError(f"node {level}/{index} is neither new nor on the frontier")

    def _range(self, first: int, last: int) -> bytes:
        """Return the root over [first, last); the ragged right end is asked for by every path."""
        root = self._roots.get((first, last))
        if root is None:
            root = self._roots[first, last] = subtree_root(first, last, self.read_hash)
        return root


def grow(tree: Tree, leaf_hashes: Sequence[bytes]) -> Growth:
    """Append `leaf_hashes` to `tree`. Pure: `tree` is unchanged, nothing is stored."""
    size = tree.size + len(leaf_hashes)
    nodes = [list(leaf_hashes)]
    while nodes[-1]:
        level = len(nodes) - 1
        # The first new node may be the right child of the old tree's last one.
        left = [tree.frontier[level]] if tree.size >> level & 1 else []
        nodes.append(pair_up(left + nodes[-1]))
    frontier = tuple(
        _last_node(tree, nodes, level) if size >> level & 1 else b""
        for level in range(size.bit_length())
    )
    edge, tiles = _grow_tiles(tree, nodes, size)
    return Growth(tree, Tree(size, frontier, edge), tiles, tuple(nodes))


def split_hashes(blob: bytes) -> list[bytes]:
    """Return the hashes that stand one after another in `blob`."""
    return [blob[at : at + HASH_BYTES] for at in range(0, len(blob), HASH_BYTES)]


def _last_node(tree: Tree, nodes: list[list[bytes]], level: int) -> bytes:
    """Return the last complete node of `level`: a new one if there is, else the old one."""
    if level < len(nodes) and nodes[level]:
        return nodes[level][-1]
    return tree.frontier[level]


def _grow_tiles(
    tree: Tree, nodes: list[list[bytes]], size: int
) -> tuple[tuple[bytes, ...], tuple[TileRow, ...]]:
    """Return the new edge and the rows to store, lowest level first."""
    edge = []
    rows = []
    for level in range(len(edge_widths(size))):
        height = level * TILE_HEIGHT
        old = tree.edge[level] if level < len(tree.edge) else b""
        added = nodes[height] if height < len(nodes) else []
        if not added:
            edge.append(old)
            continue
        blob = old + b"".join(added)
        index = tree.size >> height + TILE_HEIGHT
        for at in range(0, len(blob), _TILE_BYTES):
            rows.append(TileRow(level, index, blob[at : at + _TILE_BYTES]))
            index += 1
        edge.append(blob[len(blob) - len(blob) % _TILE_BYTES :])
    return tuple(edge), tuple(rows)
