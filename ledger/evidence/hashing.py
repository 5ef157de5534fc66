"""Hashes of the Merkle tree (RFC 9162, section 2.1.1)."""

from hashlib import sha256
from typing import Final

from schemas.envelope.entry import leaf_hash

__all__ = ["EMPTY_ROOT", "HASH_BYTES", "leaf_hash", "node_hash", "pair_up"]

HASH_BYTES: Final = 32
"""Bytes of every hash here (SHA-256)."""

EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without leaves."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def pair_up(hashes: list[bytes]) -> list[bytes]:
    """Return the hashes one level up; an odd one at the end has no parent yet."""
    pairs = iter(hashes)
    prefix = b"\x01"
    return [
        sha256(prefix + left + right).digest() for left, right in zip(pairs, pairs, strict=False)
    ]
