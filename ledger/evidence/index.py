"""The verifiable index: everything that touched a subject, provably complete.

A binary prefix tree over SHA-256 keys. A subject's value is how many entries touched it, and a hash
chain over their positions; a subtree with one leaf is that leaf, one with none is `EMPTY`. So a
lookup ends in the subject's own leaf, in another's, or in nothing, and the last two prove that no
entry ever touched it. Its keys come from public fields alone: whoever reads the entries recomputes
it (contracts, section 1).

    key   = SHA-256("linernotes/index/v1" || 0x00 || subject id)
    chain = SHA-256(chain before || uint64 position), from 32 zero bytes
    leaf  = SHA-256(0x00 || key || uint64 count || chain)
    node  = SHA-256(0x01 || left || right)

Nodes are kept by their hash and never change: every root that was published can still be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from ledger.evidence.errors import EvidenceError

HASH_BYTES: Final = 32
EMPTY: Final = bytes(HASH_BYTES)
"""The hash of a subtree without leaves, and where every chain begins."""

_DOMAIN: Final = b"linernotes/index/v1\x00"
_COUNT_BYTES: Final = 8
_LEAF_BYTES: Final = 1 + HASH_BYTES + _COUNT_BYTES + HASH_BYTES
_NODE_BYTES: Final = 1 + 2 * HASH_BYTES
DEPTH_MAX: Final = 8 * HASH_BYTES
"""Bits of a key: no path is longer."""


@dataclass(frozen=True, slots=True)
class Touches:
    """What the index says of a subject: how many entries touched it, and their chain."""

    count: int = 0
    chain: bytes = EMPTY

    def extended(self, positions: Iterable[int]) -> Touches:
        """Return the value after further entries, in the order of their positions."""
        count, chain = self.count, self.chain
        for position in positions:
            count += 1
            chain = sha256(chain + position.to_bytes(_COUNT_BYTES, "big")).digest()
        return Touches(count, chain)


@dataclass(frozen=True, slots=True)
class Lookup:
    """The way from a root to where a subject is, or would be.

    `siblings` from the root down. `leaf` is the body of the leaf at the end, another's perhaps;
    None where there is nothing.
    """

    siblings: tuple[bytes, ...]
    leaf: bytes | None


class Nodes(Protocol):
    """Bodies of nodes by their hash."""

    def body(self, digest: bytes) -> bytes:
        """Return the bytes whose SHA-256 is `digest`; raise `EvidenceError` without them."""
        ...


def key_of(subject: str) -> bytes:
    """Return the key of a subject: of a recording, work, party, or whatever an entry concerns."""
    return sha256(_DOMAIN + subject.encode()).digest()


def leaf_body(key: bytes, touches: Touches) -> bytes:
    """Return the body of a leaf."""
    return b"\x00" + key + touches.count.to_bytes(_COUNT_BYTES, "big") + touches.chain


def read_leaf(body: bytes) -> tuple[bytes, Touches]:
    """Return the key and the value in a leaf's body."""
    if len(body) != _LEAF_BYTES or body[0] != 0:
        raise EvidenceError("not a leaf of the index")
    at = 1 + HASH_BYTES
    count = int.from_bytes(body[at : at + _COUNT_BYTES], "big")
    if count == 0:
        raise EvidenceError("a leaf that nothing touched")
    return body[1:at], Touches(count, body[at + _COUNT_BYTES :])


def _bit(key: bytes, depth: int) -> int:
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


@dataclass(slots=True)
class Update:
    """Builds the next version of the tree; `fresh` are the bodies that it added, by hash."""

    nodes: Nodes
    fresh: dict[bytes, bytes]

    def put(self, root: bytes, values: Mapping[bytes, Touches]) -> bytes:
        """Return the root after replacing the values of these keys."""
        leaves = {key: leaf_body(key, value) for key, value in values.items()}
        return self._put(root, leaves, 0)

    def _body(self, digest: bytes) -> bytes:
        found = self.fresh.get(digest)
        return self.nodes.body(digest) if found is None else found

    def _keep(self, body: bytes) -> bytes:
        digest = sha256(body).digest()
        self.fresh[digest] = body
        return digest

    def _put(self, digest: bytes, leaves: dict[bytes, bytes], depth: int) -> bytes:
        if not leaves:
            return digest
        left, right = EMPTY, EMPTY
        if digest != EMPTY:
            body = self._body(digest)
            if body[0] == 0:
                # A leaf stood here alone: it goes down with the new ones, unless it is replaced.
                leaves = {body[1 : 1 + HASH_BYTES]: body, **leaves}
            else:
                left, right = body[1 : 1 + HASH_BYTES], body[1 + HASH_BYTES :]
        if len(leaves) == 1 and left == right == EMPTY:
            return self._keep(next(iter(leaves.values())))
        zeros = {key: body for key, body in leaves.items() if not _bit(key, depth)}
        ones = {key: body for key, body in leaves.items() if _bit(key, depth)}
        left = self._put(left, zeros, depth + 1)
        right = self._put(right, ones, depth + 1)
        return self._keep(b"\x01" + left + right)


def look_up(nodes: Nodes, root: bytes, key: bytes) -> Lookup:
    """Return the way to a key in the tree of `root`."""
    siblings: list[bytes] = []
    digest = root
    while digest != EMPTY:
        body = nodes.body(digest)
        if body[0] == 0:
            return Lookup(tuple(siblings), body)
        if len(body) != _NODE_BYTES:
            raise EvidenceError("not a node of the index")
        halves = body[1 : 1 + HASH_BYTES], body[1 + HASH_BYTES :]
        side = _bit(key, len(siblings))
        siblings.append(halves[1 - side])
        digest = halves[side]
    return Lookup(tuple(siblings), None)


def verify_lookup(root: bytes, subject: str, lookup: Lookup) -> Touches:
    """Return what the tree of `root` says of a subject; `Touches()` proves that nothing touched it.

    Raises `EvidenceError`. Steps: (1) the leaf is the subject's, or another's on the same way, or
    none; (2) the hashes up the way give the root.
    """
    key, depth = key_of(subject), len(lookup.siblings)
    if depth > DEPTH_MAX:
        raise EvidenceError("the way is longer than a key")
    # (1) the leaf on the way
    touches, digest = Touches(), EMPTY
    if lookup.leaf is not None:
        found, value = read_leaf(lookup.leaf)
        if any(_bit(found, place) != _bit(key, place) for place in range(depth)):
            raise EvidenceError("the leaf is not on the way to this subject")
        touches = value if found == key else Touches()
        digest = sha256(lookup.leaf).digest()
    elif depth and lookup.siblings[-1] == EMPTY:
        raise EvidenceError("a subtree without leaves has no branches")
    # (2) the way up to the root
    for place in reversed(range(depth)):
        sibling = lookup.siblings[place]
        pair = sibling + digest if _bit(key, place) else digest + sibling
        digest = sha256(b"\x01" + pair).digest()
    if digest != root:
        raise EvidenceError("the way does not lead to the root")
    return touches


def verify_between(
    before: Touches, after: Touches, positions: Iterable[int], *, older: int, newer: int
) -> None:
    """Show that exactly these positions touched a subject after size `older`, up to `newer`.

    With no position it is a proof of non-use. Raises `EvidenceError`.
    """
    listed = list(positions)
    if listed != sorted(set(listed)) or any(not older < place <= newer for place in listed):
        raise EvidenceError("the positions are not in order between the two sizes")
    if before.extended(listed) != after:
        raise EvidenceError("the list is not what the index counted")
