"""How near proving inclusion comes to reading its tiles: run `python -m benchmarks.inclusion`.

A log of ten million entries lies on the disk as its tiles (about 320 MB of files, made here, gone
afterwards). The bound reads exactly the files that the proof needs, with nothing else; before each
of the two the system is told to drop its cache of those files, so both wait for the disk. Every
path is verified against the root before it counts.
"""

import random
import tempfile
from pathlib import Path

from benchmarks.disk_log import Disk, bare, forget, write_log
from benchmarks.measuring import seconds, sized, told
from ledger.evidence.merkle import root_from_path
from ledger.evidence.nodes import TileHashes
from ledger.evidence.tree import Tree

ENTRIES = sized(10_000_000, tiny=70_000)
PROOFS = sized(200, tiny=2)
ROUNDS = 3


def measured(folder: Path, tree: Tree, index: int) -> tuple[float, float, int]:
    """Return the seconds of a proof and of a bare read of its tiles, both cold; how many tiles."""
    disk = Disk(folder)
    path = TileHashes(disk, ENTRIES).inclusion_path(index)
    leaf = TileHashes(disk, ENTRIES).read_hash(0, index)
    assert root_from_path(leaf, index, ENTRIES, path) == tree.root, "the proof is true"
    proofs, reads = [], []
    for _ in range(ROUNDS):
        for file in disk.read:
            forget(file)
        reads.append(seconds(lambda: [bare(file) for file in disk.read]))
        for file in disk.read:
            forget(file)
        proofs.append(seconds(lambda: TileHashes(Disk(folder), ENTRIES).inclusion_path(index)))
    return min(proofs), min(reads), len(disk.read)


def main() -> None:
    """Prove random entries, and print the sum against the sum."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        tree = write_log(folder, ENTRIES)
        choose = random.Random(9162)  # noqa: S311 - the same entries in every run
        rows = [measured(folder, tree, choose.randrange(ENTRIES)) for _ in range(PROOFS)]
    proof, read = sum(row[0] for row in rows), sum(row[1] for row in rows)
    tiles = sum(row[2] for row in rows) / PROOFS
    print(
        f"proof {proof / PROOFS * 1e6:.0f} us, its {tiles:.1f} tiles alone"
        f" {read / PROOFS * 1e6:.0f} us, caches dropped"
    )
    told(
        "inclusion",
        proof / read,
        "a bare read of the same tiles, caches dropped",
        entries=ENTRIES,
        proofs=PROOFS,
        tiles_per_proof=round(tiles, 2),
        proof_us=round(proof / PROOFS * 1e6, 1),
        read_us=round(read / PROOFS * 1e6, 1),
    )


if __name__ == "__main__":
    main()
