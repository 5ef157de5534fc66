"""COSE receipts of consistency (RFC 9942, 4.3): a log that was seen is the beginning of what it is.

Like a receipt of inclusion it signs a root alone, and a path may fit other sizes too. Ours carry
`[older size, newer size]` under the private label -65602 in the *protected* header, compared with
the proof; a size is never taken from elsewhere. What the older root was, a verifier knows already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.merkle import SIZE_MAX, newer_root
from ledger.evidence.receipt import (
    CONSISTENCY,
    RECEIPT_BYTES_MAX,
    RFC9162_SHA256,
    VDP,
    VDS,
    one_proof,
)
from schemas.envelope import cbor, cose
from schemas.envelope.keys import SigningKey
from schemas.refusals import Malformed

SIZES: Final = -65602
"""Our private label: `[older size, newer size]`, protected."""

PATH_MAX: Final = 64
"""Hashes of a consistency proof at most: one for each level, and one more (RFC 9162, 2.1.4)."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Two sizes of one log: what was seen, and what continues it."""

    older: int
    newer: int


@dataclass(frozen=True, slots=True)
class ConsistencyReceipt:
    """A receipt as it came; nothing is verified yet."""

    envelope: cose.Sign1
    proof: Sizes
    """What the *proof* says: signed only where `sizes` gives it."""

    path: tuple[bytes, ...]

    @property
    def sizes(self) -> Sizes:
        """The sizes that the signature covers; raises `EvidenceError` where it covers none."""
        if SIZES not in self.envelope.protected:
            raise EvidenceError("this receipt does not sign its sizes: take none from it")
        return self.proof  # read_consistency has compared them


def make_consistency(
    key: SigningKey, *, origin: str, sizes: Sizes, path: Sequence[bytes], root: bytes
) -> bytes:
    """Return the log's receipt that the tree of `sizes.newer` under `root` continues the older."""
    protected = cose.protected_header(
        kid=key.kid,
        issuer=origin,
        subject=origin,
        content_type=None,
        extra={VDS: RFC9162_SHA256, SIZES: [sizes.older, sizes.newer]},
    )
    proof = cbor.encode([sizes.older, sizes.newer, list(path)])
    return cose.write(
        key, root, protected=protected, unprotected={VDP: {CONSISTENCY: [proof]}}, detached=True
    )


def read_consistency(raw: bytes) -> ConsistencyReceipt:
    """Return the parts of a consistency receipt, else raise `EvidenceError`."""
    if len(raw) > RECEIPT_BYTES_MAX:
        raise EvidenceError(f"a receipt has at most {RECEIPT_BYTES_MAX} bytes [{len(raw)}]")
    try:
        envelope = cose.read(raw, unprotected=(VDP,), content_type=None)
        proof = cbor.decode(one_proof(envelope, CONSISTENCY))
    except Malformed as error:
        raise EvidenceError(error.message) from error
    sizes, path = _proof_parts(proof)
    signed = envelope.protected.get(SIZES)
    # list equality alone would take true for 1
    if SIZES in envelope.protected and (
        signed != [sizes.older, sizes.newer] or not all(type(number) is int for number in signed)
    ):
        raise EvidenceError("the signed sizes are not the proof's")
    return ConsistencyReceipt(envelope, sizes, path)


def verify_consistency_receipt(
    raw: bytes, root: bytes, public: bytes, *, issuer: str
) -> ConsistencyReceipt:
    """Return the receipt if `public` of `issuer` signed a root that continues the older `root`.

    `root` must be known to be that of the older size, which the result gives as `sizes.older`.
    """
    receipt = read_consistency(raw)
    if receipt.envelope.issuer != issuer:
        raise EvidenceError(f"the receipt is of another log [{receipt.envelope.issuer[:80]}]")
    newer = newer_root(receipt.proof.older, receipt.proof.newer, receipt.path, root)
    try:
        receipt.envelope.verify(public, payload=newer)
    except Malformed as error:
        raise EvidenceError("the receipt's signature does not fit this root") from error
    return receipt


def _proof_parts(proof: Any) -> tuple[Sizes, tuple[bytes, ...]]:
    match proof:
        case [int(older), int(newer), [*path]] if type(older) is type(newer) is int:
            pass
        case _:
            raise EvidenceError("not a consistency proof")
    if not 0 < older <= newer <= SIZE_MAX or len(path) > PATH_MAX:
        raise EvidenceError("the proof's sizes or path are out of range")
    if any(not isinstance(one, bytes) or len(one) != HASH_BYTES for one in path):
        raise EvidenceError("a hash has not 32 bytes")
    return Sizes(older, newer), tuple(path)
