"""Makes the vectors of COSE receipts of consistency over the trees of `make_trees`."""

from typing import Any

from ledger.evidence import merkle, receipt
from ledger.evidence.consistency import SIZES, Sizes, make_consistency
from schemas.envelope import cbor, cose
from schemas.envelope.keys import SigningKey
from tests.vectors.make_trees import leaf, read_hash, root
from tests.vectors.making import ENTRY_KEY, LEDGER, LOG_KEY, flip, row, write

OLD, NEW = 7, 23
PATH = merkle.consistency_path(OLD, NEW, read_hash)
PROOF = cbor.encode([OLD, NEW, PATH])
SIGNED: dict[int | str, Any] = {SIZES: [OLD, NEW]}


def right(
    older: int = OLD, newer: int = NEW, *, key: SigningKey = LOG_KEY, origin: str = LEDGER
) -> bytes:
    """Return the receipt as a log makes it."""
    path = [] if older == newer else merkle.consistency_path(older, newer, read_hash)
    sizes = Sizes(older, newer)
    return make_consistency(key, origin=origin, sizes=sizes, path=path, root=root(newer))


def made(
    extra: dict[int | str, Any],
    proofs: Any,
    *,
    vds: object = receipt.RFC9162_SHA256,
    has_payload: bool = False,
) -> bytes:
    """Make a receipt as it should not be, with a signature that verifies."""
    header = cose.protected_header(
        kid=LOG_KEY.kid,
        issuer=LEDGER,
        subject=LEDGER,
        content_type=None,
        extra={receipt.VDS: vds, **extra},
    )
    unprotected: dict[int | str, Any] = {receipt.VDP: proofs}
    return cose.write(
        LOG_KEY, root(NEW), protected=header, unprotected=unprotected, detached=not has_payload
    )


def with_proof(*parts: object) -> bytes:
    """Return a receipt with the right signed sizes and another proof."""
    return made(SIGNED, {receipt.CONSISTENCY: [cbor.encode(list(parts))]})


def accepted() -> list[dict[str, Any]]:
    """Return receipts between sizes of one log."""
    return [
        row(f"{older} to {newer}", "another header, order, or a root inside",
            receipt=right(older, newer).hex(), root=root(older).hex(), older=older, newer=newer)
        for older, newer in ((1, 23), (7, 8), (7, 23), (8, 23), (16, 23), (23, 23))
    ]  # fmt: skip


def wrong(name: str, catches: str, raw: bytes, older: bytes | None = None) -> dict[str, Any]:
    """Return a record of a receipt that is refused."""
    return row(name, catches, receipt=raw.hex(), root=(older or root(OLD)).hex())


def refused_sizes() -> list[dict[str, Any]]:
    """Return receipts whose sizes are not those that were signed, or none at all."""
    both = {receipt.CONSISTENCY: [PROOF]}
    moved = right().replace(PROOF, cbor.encode([OLD, NEW + 1, PATH]))
    return [
        wrong("moved to 24", "the signed sizes not compared", moved),
        wrong("signed as 8 to 23", "likewise", made({SIZES: [8, 23]}, both)),
        wrong("newer first", "the sizes swapped", made({SIZES: [23, 7]}, both)),
        wrong("one size", "an index error", made({SIZES: [23]}, both)),
        wrong("backwards", "a log that shrank", with_proof(23, 7, PATH)),
        wrong("from nothing", "the empty tree, which every tree continues",
              with_proof(0, NEW, [])),
        wrong("sizes of truths", "true taken for 1", with_proof(True, True, [])),
        wrong("no path", "a path left out", with_proof(OLD, NEW, [])),
    ]  # fmt: skip


def refused_shapes() -> list[dict[str, Any]]:
    """Return receipts of another shape."""
    inclusion = cbor.encode([NEW, OLD, PATH])
    return [
        wrong("the root inside", "a root that the sender chose",
              made(SIGNED, {receipt.CONSISTENCY: [PROOF]}, has_payload=True)),
        wrong("two proofs", "the first is checked, the second believed",
              made(SIGNED, {receipt.CONSISTENCY: [PROOF] * 2})),
        wrong("a proof of inclusion", "kinds mixed up",
              made(SIGNED, {receipt.INCLUSION: [inclusion]})),
        wrong("both kinds", "likewise",
              made(SIGNED, {receipt.CONSISTENCY: [PROOF], receipt.INCLUSION: [inclusion]})),
        wrong("a proof that is no byte string", "another shape",
              made(SIGNED, {receipt.CONSISTENCY: [[OLD, NEW, PATH]]})),
        wrong("395: 2", "another data structure",
              made(SIGNED, {receipt.CONSISTENCY: [PROOF]}, vds=2)),
        wrong("nothing", "an index error", b""),
    ]  # fmt: skip


def refused_roots() -> list[dict[str, Any]]:
    """Return receipts that do not continue the root, or are not the log's."""
    return [
        wrong("from another history", "the older root not compared", right(), leaf(99)),
        wrong("from another size", "likewise", right(), root(8)),
        wrong("a flipped path", "no signature check",
              with_proof(OLD, NEW, [*PATH[:-1], flip(PATH[-1], 3)])),
        wrong("a flipped signature", "likewise", flip(right(), -1)),
        wrong("of another log", "iss not compared", right(origin="other.example")),
        wrong("by another key", "a key from the receipt itself", right(key=ENTRY_KEY)),
    ]  # fmt: skip


def receipts() -> object:
    """Return receipts, those that are refused, and one in the standard's own form."""
    bare = made({}, {receipt.CONSISTENCY: [PROOF]})
    return {
        "public": LOG_KEY.public.hex(),
        "seed": LOG_KEY.seed.hex(),
        "accepted": accepted(),
        "without_sizes": [wrong("the standard's own form", "sizes that nobody signed", bare)],
        "refused": [*refused_sizes(), *refused_shapes(), *refused_roots()],
    }


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {"consistency_receipts.json": receipts()}


if __name__ == "__main__":
    write(files())
