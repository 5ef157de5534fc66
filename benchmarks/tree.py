"""How near growing the tree comes to hashing alone: run `python -m benchmarks.tree`.

The bound is one SHA-256 of 65 bytes for each new node, measured in the same run, in turns.
"""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256

from benchmarks.measuring import in_turns, sized, told
from ledger.evidence.tree import Tree, grow

LOG_SIZE = sized(70_000, tiny=1_000)
BATCHES = (1, 16, 256, 1000)
JUDGED = 256
"""The batch whose ratio is the measure."""

ROUNDS = sized(15, tiny=1)


def hashing(nodes: int, leaves: list[bytes], times: int) -> None:
    """Hash as many pairs as growing must, and nothing else."""
    for _ in range(times):
        for number in range(nodes):
            sha256(b"\x01" + leaves[number % 1000] + leaves[number % 999]).digest()


def growing(log: Tree, added: list[bytes], times: int) -> None:
    """Grow the tree and take its root."""
    for _ in range(times):
        _ = grow(log, added).root


def proving(log: Tree, added: list[bytes], times: int) -> None:
    """Grow the tree and take the path of every new leaf."""
    for _ in range(times):
        growth = grow(log, added)
        for index in range(LOG_SIZE, LOG_SIZE + len(added)):
            growth.inclusion_path(index)


def measured(log: Tree, leaves: list[bytes], batch: int) -> Sequence[float]:
    """Return the microseconds of hashing alone, of growing, and with every path."""
    added = leaves[:batch]
    nodes = sum(map(len, grow(log, added).nodes[1:]))
    times = max(1, 2000 // batch)
    best = in_turns(
        partial(hashing, nodes, leaves, times),
        partial(growing, log, added, times),
        partial(proving, log, added, times),
        rounds=ROUNDS,
    )
    return [each / times * 1e6 for each in best]


def main() -> None:
    """Print a line for each batch size, and the measure."""
    leaves = [sha256(b"%d" % number).digest() for number in range(max(BATCHES))]
    log = grow(Tree(), [sha256(b"x%d" % number).digest() for number in range(LOG_SIZE)]).tree
    found = {batch: measured(log, leaves, batch) for batch in BATCHES}
    for batch, (least, grown, proved) in found.items():
        print(
            f"batch {batch:4}: grow and root {grown:8.1f} us, with every path {proved:8.1f} us,"
            f" hashing alone {least:8.1f} us, ratio {grown / least:.2f}"
        )
    least, grown, proved = found[JUDGED]
    told(
        "tree",
        grown / least,
        "hashlib alone, as many SHA-256 of 65 bytes as there are new nodes",
        batch=JUDGED,
        log_size=LOG_SIZE,
        grow_us=round(grown, 1),
        grow_and_every_path_us=round(proved, 1),
        hashing_us=round(least, 1),
        ratio_by_batch={str(batch): round(row[1] / row[0], 3) for batch, row in found.items()},
    )


if __name__ == "__main__":
    main()
