"""Inclusion and consistency in the Merkle tree (RFC 9162, section 2.1).

Nodes are named by level and index: node (l, i) is the root of the complete subtree over leaves
[i * 2**l, (i + 1) * 2**l). Paths are made from whatever can read such nodes, and checked without.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from hmac import compare_digest
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import EMPTY_ROOT, HASH_BYTES, node_hash

SIZE_MAX: Final = 2**63 - 1
"""Leaves of a log at most, so that sizes fit everybody's signed 64 bits."""

ReadHash = Callable[[int, int], bytes]
"""Reads the hash of the complete node (level, index)."""


def subtree_root(first: int, last: int, read_hash: ReadHash) -> bytes:
    """Return MTH of leaves [first, last), where `first` is a multiple of a power of two >= width.

    That is so for every range in a path, so the range falls into complete nodes, greatest first.
    """
    roots = []
    while first < last:
        level = (last - first).bit_length() - 1
        roots.append(read_hash(level, first >> level))
        first += 1 << level
    return fold(roots)


def fold(roots: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, given greatest first; of none the empty root."""
    if not roots:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(roots))


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the leaf ranges whose hashes make the path of leaf `index` (2.1.3.1)."""
    if not 0 <= index < size:
        raise EvidenceError(f"no leaf {index} in a tree of size {size}")
    ranges = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            ranges.append((middle, last))
            last = middle
        else:
            ranges.append((first, middle))
            first = middle
    ranges.reverse()
    return ranges


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """Return the leaf ranges whose hashes show that tree `old` begins tree `new` (2.1.4.1).

    Nothing needs showing where `old` is 0 or equals `new`.
    """
    if not 0 <= old <= new:
        raise EvidenceError(f"size {old} is not before size {new}")
    if old in {0, new}:
        return []
    ranges = []
    first, last = 0, new
    while last != old:  # [first, last) always holds the end of the old tree
        middle = first + _split(last - first)
        if old <= middle:
            ranges.append((middle, last))
            last = middle
        else:
            ranges.append((first, middle))
            first = middle
    if first > 0:  # otherwise the old root itself is that node, and the reader has it
        ranges.append((first, last))
    ranges.reverse()
    return ranges


def inclusion_path(index: int, size: int, read_hash: ReadHash) -> list[bytes]:
    """Return the path of leaf `index` in the tree of `size`, the leaf's sibling first."""
    return [subtree_root(*leaves, read_hash) for leaves in inclusion_ranges(index, size)]


def consistency_path(old: int, new: int, read_hash: ReadHash) -> list[bytes]:
    """Return the proof that the tree of size `old` is the beginning of that of size `new`."""
    return [subtree_root(*leaves, read_hash) for leaves in consistency_ranges(old, new)]


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that `path` gives for `leaf` at `index` (RFC 9162, section 2.1.3.2).

    Raises `EvidenceError` where the path has not the one length that fits.
    """
    if not 0 <= index < size <= SIZE_MAX:
        raise EvidenceError(f"no leaf {index} in a tree of size {size}")
    _check_hashes((leaf, *path))
    # (2) the leaf's place, and the last leaf's
    at, last = index, size - 1
    result = leaf  # (3)
    for sibling in path:  # (4)
        if last == 0:
            raise EvidenceError("the inclusion path is too long")
        if at & 1 or at == last:
            result = node_hash(sibling, result)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:  # (5)
        raise EvidenceError("the inclusion path is too short")
    return result


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raise `EvidenceError` unless `leaf` (a leaf hash) is at `index` under `root`."""
    if not compare_digest(root_from_path(leaf, index, size, path), root):
        raise EvidenceError("the inclusion path leads to another root")


def verify_consistency(
    old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Raise `EvidenceError` unless the old tree begins the new one (RFC 9162, section 2.1.4.2).

    The empty tree begins every tree and needs an empty path, like a tree with itself.
    """
    if not 0 <= old <= new <= SIZE_MAX:
        raise EvidenceError(f"size {old} is not before size {new}")
    _check_hashes((old_root, new_root, *path))
    if old in {0, new}:
        expected = EMPTY_ROOT if old == 0 else new_root
        is_same = old < new or compare_digest(old_root, new_root)
        if path or not is_same or not compare_digest(old_root, expected):
            raise EvidenceError("equal sizes with other roots, or a path where none is needed")
        return
    if not compare_digest(newer_root(old, new, path, old_root), new_root):
        raise EvidenceError("the consistency path leads to another newer root")


def newer_root(old: int, new: int, path: Sequence[bytes], old_root: bytes) -> bytes:
    """Return the root of the tree of size `new` that `path` gives, if it continues `old_root`.

    Raises `EvidenceError` where it does not, and for the empty tree, which every tree continues.
    """
    if not 0 < old <= new <= SIZE_MAX:
        raise EvidenceError(f"size {old} is not before size {new}, or empty")
    _check_hashes((old_root, *path))
    if old == new:
        if path:
            raise EvidenceError("a path where none is needed")
        return old_root
    if not path:
        raise EvidenceError("the consistency path is empty")
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)  # (2)
    at, last = old - 1, new - 1  # (3)
    while at & 1:  # (4)
        at, last = at >> 1, last >> 1
    older, newer = _climb(hashes, at, last)
    if not compare_digest(older, old_root):
        raise EvidenceError("the consistency path leads to another older root")
    return newer


def _climb(hashes: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes]:
    """Return the roots of the older and the newer tree (RFC 9162, section 2.1.4.2, 5 to 7)."""
    older = newer = hashes[0]  # (5)
    for sibling in hashes[1:]:  # (6)
        if last == 0:
            raise EvidenceError("the consistency path is too long")
        if at & 1 or at == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:  # (7)
        raise EvidenceError("the consistency path is too short")
    return older, newer


def _split(width: int) -> int:
    """Return the greatest power of two below `width` (>= 2): where the tree splits."""
    return 1 << ((width - 1).bit_length() - 1)


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise EvidenceError("a hash has not 32 bytes")
