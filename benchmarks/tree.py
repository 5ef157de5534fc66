"""How near growing the tree comes to hashing alone: run `python -m benchmarks.tree`.

The bound is one SHA-256 of 65 bytes for each new node, measured in the same run.
"""

import timeit
from collections.abc import Callable
from hashlib import sha256

from ledger.evidence.tree import Tree, grow

LOG_SIZE = 70_000
BATCHES = (1, 16, 256, 1000)


def microseconds(work: Callable[[], object], times: int) -> float:
    """Return the best of five, for one run of `work`."""
    return min(timeit.repeat(work, number=times, repeat=5)) / times * 1e6


def main() -> None:
    """Print a line for each batch size."""
    leaves = [sha256(b"%d" % number).digest() for number in range(max(BATCHES))]
    log = grow(Tree(), [sha256(b"x%d" % number).digest() for number in range(LOG_SIZE)]).tree
    for batch in BATCHES:
        added = leaves[:batch]
        nodes = sum(map(len, grow(log, added).nodes[1:]))
        times = max(1, 2000 // batch)

        def bound(nodes: int = nodes) -> None:
            for number in range(nodes):
                sha256(b"\x01" + leaves[number % 1000] + leaves[number % 999]).digest()

        def grown(added: list[bytes] = added) -> bytes:
            return grow(log, added).root

        def proved(added: list[bytes] = added) -> None:
            growth = grow(log, added)
            for index in range(LOG_SIZE, LOG_SIZE + len(added)):
                growth.inclusion_path(index)

        least = microseconds(bound, times)
        print(
            f"batch {batch:4}: grow and root {microseconds(grown, times):8.1f} us,"
            f" with every path {microseconds(proved, times):8.1f} us,"
            f" hashing alone {least:8.1f} us, ratio {microseconds(grown, times) / least:.2f}"
        )


if __name__ == "__main__":
    main()
