"""What a receipt on demand costs in signatures: run `python -m benchmarks.receipt`.

A receipt of an entry in a log of a million is made as the service makes it: the path out of the
log's tiles (in memory, their inner rows not kept from before), then the signed COSE receipt.
"""

import random
from functools import partial

from benchmarks.disk_log import made_up, tiles_of
from benchmarks.measuring import in_turns, sized, told
from ledger.evidence.nodes import TileHashes
from ledger.evidence.receipt import Position, make_receipt, verify_receipt
from ledger.evidence.tree import Tree
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id

ORIGIN = "ledger.example/2026"
ENTRIES = sized(1_000_000, tiny=70_000)
RECEIPTS = sized(50, tiny=2)
ROUNDS = sized(9, tiny=1)
TARGET = 25
"""Signatures that one receipt may cost."""


class Tiles(dict[tuple[int, int, int], bytes]):
    """Tiles in memory."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first hashes of a tile."""
        return self[level, index, width]


def made() -> tuple[Tree, Tiles]:
    """Return a log of made-up leaves."""
    tree, tiles = Tree(), Tiles()
    for row, grown in tiles_of(ENTRIES):
        tiles[row.level, row.index, row.width] = row.hashes
        tree = grown
    return tree, tiles


def receipts(key: SigningKey, tree: Tree, tiles: Tiles, places: list[int]) -> list[bytes]:
    """Make a receipt for each place, none helping another."""
    return [
        make_receipt(
            key,
            origin=ORIGIN,
            position=Position(ENTRIES, index),
            path=TileHashes(tiles, ENTRIES).inclusion_path(index),
            root=tree.root,
        )
        for index in places
    ]


def signatures(key: SigningKey, message: bytes) -> None:
    """Sign as often as receipts are made, and as long a message as a receipt's."""
    for _ in range(RECEIPTS):
        key.sign(message)


def main() -> None:
    """Measure both in turns, and print how many signatures a receipt costs."""
    key = SigningKey.generate(new_id("key"))
    tree, tiles = made()
    choose = random.Random(9942)  # noqa: S311 - the same entries in every run
    places = [choose.randrange(ENTRIES) for _ in range(RECEIPTS)]
    for index, raw in zip(places, receipts(key, tree, tiles, places), strict=True):
        verify_receipt(raw, made_up(index), key.public, issuer=ORIGIN)
    receipt, signature = in_turns(
        partial(receipts, key, tree, tiles, places),
        partial(signatures, key, b"x" * 200),
        rounds=ROUNDS,
    )
    print(
        f"a receipt {receipt / RECEIPTS * 1e6:.0f} us,"
        f" a signature {signature / RECEIPTS * 1e6:.0f} us"
    )
    told(
        "receipt",
        receipt / signature,
        "one Ed25519 signature (libsodium)",
        at_most=TARGET,
        entries=ENTRIES,
        receipt_us=round(receipt / RECEIPTS * 1e6, 1),
        signature_us=round(signature / RECEIPTS * 1e6, 1),
    )


if __name__ == "__main__":
    main()
