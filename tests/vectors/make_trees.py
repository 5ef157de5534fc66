"""Makes the vectors of trees, paths, tiles and bundles."""

from typing import Any

from ledger.evidence import merkle, tiles
from ledger.evidence.hashing import EMPTY_ROOT, leaf_hash, node_hash
from tests.vectors.making import flip, row, write

SIZES = (1, 2, 3, 7, 8, 23)
LAST = 24


def leaf(index: int) -> bytes:
    """Return the hash of the entry `{"i":<index>}`, as in the project's first vectors."""
    return leaf_hash(b'{"i":%d}' % index)


def read_hash(level: int, index: int) -> bytes:
    """Return a node by plain recursion."""
    if level == 0:
        return leaf(index)
    return node_hash(read_hash(level - 1, 2 * index), read_hash(level - 1, 2 * index + 1))


def root(size: int) -> bytes:
    """Return the root of the tree of the first `size` entries."""
    return merkle.subtree_root(0, size, read_hash)


def texts(path: list[bytes]) -> list[str]:
    """Return a path in hexadecimal."""
    return [one.hex() for one in path]


def inclusion() -> object:
    """Return every path of some trees, and paths that are refused."""
    accepted = [
        row(f"leaf {index} of {size}", "siblings in another order, or on the wrong side",
            leaf=leaf(index).hex(), index=index, size=size, root=root(size).hex(),
            path=texts(merkle.inclusion_path(index, size, read_hash)))
        for size in SIZES
        for index in range(size)
    ]  # fmt: skip
    right = merkle.inclusion_path(22, 23, read_hash)

    def wrong(name: str, catches: str, **changes: Any) -> dict[str, Any]:
        base = {"leaf": leaf(22).hex(), "index": 22, "size": 23, "root": root(23).hex(),
                "path": texts(right)}  # fmt: skip
        return row(name, catches, **{**base, **changes})

    refused = [
        wrong("another leaf", "no comparison", leaf=leaf(21).hex()),
        wrong("another index", "an index that is not used", index=21),
        wrong("index beyond the tree", "an index not checked", index=23),
        wrong("a negative index", "Python's negative indices", index=-1),
        wrong("another size", "a size that is not used", size=22),
        wrong("an empty tree", "a leaf in nothing", index=0, size=0, path=[]),
        wrong("a path too short", "stopping early", path=texts(right[:-1])),
        wrong("a path too long", "hashes left over", path=texts([*right, right[0]])),
        wrong("a path backwards", "root's child first", path=texts(right[::-1])),
        wrong("a flipped bit", "no comparison", path=texts([flip(right[0], 0), *right[1:]])),
        wrong("a hash of 31 bytes", "a length not checked", path=texts([right[0][1:], *right[1:]])),
        wrong("the root of leaf 7 of 8", "see receipts: only the root is compared", index=7, size=8,
              root=root(8).hex()),
    ]  # fmt: skip
    short = merkle.inclusion_path(7, 8, read_hash)
    refused += [
        wrong("leaf and sibling cut elsewhere", "lengths not checked: the node's hash is the same",
              index=0, size=2, leaf=(leaf(0) + leaf(1))[:33].hex(), root=root(2).hex(),
              path=[(leaf(0) + leaf(1))[33:].hex()]),
        wrong("leaf 7 of 8 as leaf 7 of 23", "the size not held against the path",
              leaf=leaf(7).hex(), index=7, root=root(8).hex(), path=texts(short)),
    ]  # fmt: skip
    return {"accepted": accepted, "refused": refused}


def consistency() -> object:
    """Return every proof among some trees, and proofs that are refused."""
    accepted = [
        row(f"{old} to {new}", "a subtree left out, or the old root repeated", old=old, new=new,
            old_root=root(old).hex(), new_root=root(new).hex(),
            path=texts(merkle.consistency_path(old, new, read_hash)))
        for new in SIZES
        for old in (0, *SIZES)
        if old <= new
    ]  # fmt: skip
    right = merkle.consistency_path(7, 23, read_hash)

    def wrong(name: str, catches: str, **changes: Any) -> dict[str, Any]:
        base = {"old": 7, "new": 23, "old_root": root(7).hex(), "new_root": root(23).hex(),
                "path": texts(right)}  # fmt: skip
        return row(name, catches, **{**base, **changes})

    refused = [
        wrong("history rewritten", "the old root not recomputed", old_root=root(8).hex()),
        wrong("the future rewritten", "the new root not recomputed", new_root=root(8).hex()),
        wrong("backwards", "a log that shrinks", old=23, new=7),
        wrong("a path too short", "stopping early", path=texts(right[:-1])),
        wrong("a path too long", "hashes left over", path=texts([*right, right[0]])),
        wrong("no path", "nothing to show taken for shown", path=[]),
        wrong("a path for equal sizes", "a proof where none is needed", old=23,
              old_root=root(23).hex()),
        wrong("equal sizes, other roots", "a fork of equal length", old=23, path=[]),
        wrong("from nothing, another root", "an empty tree with a root", old=0, path=[]),
        wrong("from nothing, with a path", "hashes left over", old=0, old_root=EMPTY_ROOT.hex()),
        wrong("a negative size", "Python's negative shifts", old=-1),
    ]  # fmt: skip
    short = merkle.consistency_path(7, 8, read_hash)
    refused.append(
        wrong("7 to 8 as 7 to 23", "the size not held against the path", new_root=root(8).hex(),
              path=texts(short))
    )  # fmt: skip
    return {"accepted": accepted, "refused": refused}


PATHS = [
    ("the first tile", "tile/0/000", 0, 0, 256),
    ("a partial tile", "tile/1/000.p/1", 1, 0, 1),
    ("groups of three", "tile/0/x001/x234/067", 0, 1234067, 256),
    ("five", "tile/0/005.p/255", 0, 5, 255),
    ("a bundle", "tile/entries/x001/000", None, 1000, 256),
    ("a partial bundle", "tile/entries/001.p/1", None, 1, 1),
]

PATHS_REFUSED = [
    ("level 00", "leading zeros", "tile/00/000"),
    ("level 8", "a level that no tree reaches", "tile/8/000"),
    ("width 0", "an empty tile", "tile/0/000.p/0"),
    ("width 256", "two paths of a full tile", "tile/0/000.p/256"),
    ("width 01", "leading zeros", "tile/0/000.p/01"),
    ("two digits", "an index not padded", "tile/0/00"),
    ("an empty group", "two paths of one tile", "tile/0/x000/005"),
    ("no x", "groups without their mark", "tile/0/001/234/067"),
    ("an x at the end", "the last group marked", "tile/0/x001"),
    ("data", "the name of another format", "tile/data/000"),
    ("upwards", "a way out of the folder", "tile/0/../000"),
    ("a line feed", "a pattern that ends before it", "tile/0/000\n"),
    ("a slash in front", "an absolute path", "/tile/0/000"),
    ("other digits", "digits of other scripts", "tile/0/\u0660\u0660\u0660"),
]


def tile_vectors() -> object:
    """Return paths and bundles, good and bad."""
    one, two = b'{"i":0}', b"x" * 300
    bundle = tiles.encode_bundle([one, b"", two])
    return {
        "paths": [
            row(name, "a tile under another name", path=path, level=level, index=index, width=width)
            for name, path, level, index, width in PATHS
        ],
        "paths_refused": [row(name, catches, path=path) for name, catches, path in PATHS_REFUSED],
        "bundles": [
            row("three entries", "little-endian lengths, or padding between", width=3,
                raw=bundle.hex(), entries=[one.hex(), "", two.hex()]),
        ],
        "bundles_refused": [
            row("one byte too many", "a reader that stops early", width=3, raw=bundle.hex() + "00"),
            row("one byte too few", "a reader past the end", width=3, raw=bundle.hex()[:-2]),
            row("half a length", "likewise", width=4, raw=bundle.hex() + "00"),
            row("an entry more", "a width not checked", width=2, raw=bundle.hex()),
            row("no entry", "a bundle of nothing", width=0, raw=""),
            row("257 entries", "a full bundle's width not checked", width=257, raw="0000" * 257),
        ],
    }  # fmt: skip


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {
        "inclusion.json": inclusion(),
        "consistency.json": consistency(),
        "tiles.json": tile_vectors(),
    }


if __name__ == "__main__":
    write(files())
