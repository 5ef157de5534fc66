"""COSE receipts (RFC 9942) that also sign where the entry stands.

A receipt of the standard signs the root alone: one for index 22 of 23 verifies unchanged as index
7 of 8. Ours carries `[tree size, leaf index]` under the private label -65601 in the *protected*
header (a published profile), compared with the proof; a position is never taken from elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.merkle import SIZE_MAX, root_from_path
from ledger.evidence.proof import PATH_MAX
from schemas.envelope import cbor, cose
from schemas.envelope.keys import SigningKey
from schemas.refusals import Malformed

RECEIPTS: Final = 394
"""Label: receipts of a transparent statement (RFC 9942, section 2)."""

VDS: Final = 395
"""Label: verifiable data structure (RFC 9942, section 2)."""

VDP: Final = 396
"""Label: proofs (RFC 9942, section 2)."""

RFC9162_SHA256: Final = 1
"""The verifiable data structure that our tree is (RFC 9942, section 4.2)."""

INCLUSION: Final = -1
"""Proof type: inclusion (RFC 9942, section 5.2)."""

CONSISTENCY: Final = -2
"""Proof type: consistency (RFC 9942, section 5.2); see `ledger.evidence.consistency`."""

_KINDS: Final = {INCLUSION: "inclusion", CONSISTENCY: "consistency"}

POSITION: Final = -65601
"""Our private label: `[tree size, leaf index]`, protected."""

RECEIPT_BYTES_MAX: Final = 16_384
"""Bytes of a receipt: a path of 63 hashes has 2,142, headers a few hundred."""


@dataclass(frozen=True, slots=True)
class Position:
    """A signed place: leaf `index` (from 0) of a tree of `size`."""

    size: int
    index: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it came; nothing is verified yet."""

    envelope: cose.Sign1
    proof: Position
    """Where the *proof* says the leaf is: signed only where `position` gives it."""

    path: tuple[bytes, ...]

    @property
    def position(self) -> Position:
        """The position that the signature covers; raises `EvidenceError` where it covers none."""
        if POSITION not in self.envelope.protected:
            raise EvidenceError("this receipt does not sign its position: take none from it")
        return self.proof  # read_receipt has compared them


def make_receipt(
    key: SigningKey, *, origin: str, position: Position, path: Sequence[bytes], root: bytes
) -> bytes:
    """Return the log's receipt for the leaf at `position` under `root`."""
    protected = cose.protected_header(
        kid=key.kid,
        issuer=origin,
        subject=origin,  # of our entries iss = sub = origin
        content_type=None,
        extra={VDS: RFC9162_SHA256, POSITION: [position.size, position.index]},
    )
    proof = cbor.encode([position.size, position.index, list(path)])
    return cose.write(
        key, root, protected=protected, unprotected={VDP: {INCLUSION: [proof]}}, detached=True
    )


def read_receipt(raw: bytes) -> Receipt:
    """Return the parts of an inclusion receipt, else raise `EvidenceError`."""
    if len(raw) > RECEIPT_BYTES_MAX:
        raise EvidenceError(f"a receipt has at most {RECEIPT_BYTES_MAX} bytes [{len(raw)}]")
    try:
        envelope = cose.read(raw, unprotected=(VDP,), content_type=None)
        proof = cbor.decode(one_proof(envelope, INCLUSION))
    except Malformed as error:
        raise EvidenceError(error.message) from error
    size, index, path = _proof_parts(proof)
    signed = envelope.protected.get(POSITION)
    # list equality alone would take true for 1
    if POSITION in envelope.protected and (
        signed != [size, index] or not all(type(number) is int for number in signed)
    ):
        raise EvidenceError("the signed position is not the proof's")
    return Receipt(envelope, Position(size, index), path)


def verify_receipt(raw: bytes, leaf: bytes, public: bytes, *, issuer: str) -> Receipt:
    """Return the receipt if `public` of `issuer` signed a root under which `leaf` stands.

    Ask the result for `position`; it raises where the signature covers none.
    """
    receipt = read_receipt(raw)
    if receipt.envelope.issuer != issuer:
        raise EvidenceError(f"the receipt is of another log [{receipt.envelope.issuer[:80]}]")
    root = root_from_path(leaf, receipt.proof.index, receipt.proof.size, receipt.path)
    try:
        receipt.envelope.verify(public, payload=root)
    except Malformed as error:
        raise EvidenceError("the receipt's signature does not fit this entry") from error
    return receipt


def add_receipts(entry: bytes, receipts: Sequence[bytes]) -> bytes:
    """Return the transparent statement: the entry with receipts unprotected (RFC 9943)."""
    envelope = _read(entry)
    return cose.assemble(
        protected=envelope.protected_raw,
        unprotected={RECEIPTS: list(receipts)},
        payload=envelope.payload,
        signature=envelope.signature,
    )


def split_transparent(raw: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the entry's own bytes, whose hash is the leaf, and the receipts that came with it."""
    envelope = _read(raw, unprotected=(RECEIPTS,))
    receipts = envelope.unprotected.get(RECEIPTS)
    if not isinstance(receipts, list) or not receipts or set(map(type, receipts)) != {bytes}:
        raise EvidenceError("no receipts in this statement")
    entry = cose.assemble(
        protected=envelope.protected_raw,
        unprotected={},
        payload=envelope.payload,
        signature=envelope.signature,
    )
    return entry, tuple(receipts)


def _read(raw: bytes, *, unprotected: tuple[int, ...] = ()) -> cose.Sign1:
    try:
        return cose.read(raw, unprotected=unprotected)
    except Malformed as error:
        raise EvidenceError(error.message) from error


def one_proof(envelope: cose.Sign1, kind: int) -> bytes:
    """Return the one proof, which is of this kind. 395 counts in the protected header alone."""
    vds = envelope.protected.get(VDS)
    # In Python true equals 1.
    if envelope.payload is not None or type(vds) is not int or vds != RFC9162_SHA256:
        raise EvidenceError("not a receipt of an RFC 9162 tree with its root left out")
    vdp = envelope.unprotected.get(VDP)
    if not isinstance(vdp, dict) or list(vdp) != [kind]:
        raise EvidenceError(f"the receipt has no {_KINDS[kind]} proof, or others beside it")
    proofs = vdp[kind]
    if not isinstance(proofs, list) or [type(one) for one in proofs] != [bytes]:
        raise EvidenceError(f"the receipt has not one {_KINDS[kind]} proof in a byte string")
    found: bytes = proofs[0]
    return found


def _proof_parts(proof: Any) -> tuple[int, int, tuple[bytes, ...]]:
    match proof:
        case [int(size), int(index), [*path]] if type(size) is type(index) is int:
            pass
        case _:
            raise EvidenceError("not an inclusion proof")
    if not 0 <= index < size <= SIZE_MAX or len(path) > PATH_MAX:
        raise EvidenceError("the proof's index, size or path is out of range")
    if any(not isinstance(one, bytes) or len(one) != HASH_BYTES for one in path):
        raise EvidenceError("a hash has not 32 bytes")
    return size, index, tuple(path)
