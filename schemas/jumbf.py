"""The boxes of a C2PA manifest store, as far as we look into them ourselves.

A manifest is known by its *claim*: the claim hashes every assertion, one of them the hash of the
audio, so equal claims mean equal contents. A hash of the whole file or store does not serve: most
of the manifest's bytes are padding that no signature covers.

Source: ISO/IEC 19566-5 (JUMBF), annexes A.3 and A.4; C2PA 2.4, section 11.1 (manifest store).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

BOXES_MAX: Final = 4096
"""Boxes looked at in one store: 64 ingredients and ten assertions take about 300."""

_HEADER: Final = struct.Struct(">I4s")
_EXTENDED: Final = struct.Struct(">Q")
_LABELED: Final = 0b10  # toggle of the description box: a label follows
_LABEL_AT: Final = 17  # after the 16-byte type and the toggles


class JumbfError(ValueError):
    """The bytes are not a manifest store, or not one that holds what was asked for."""


@dataclass(frozen=True)
class ManifestBoxes:
    """Three parts of one manifest: its label (a URN), and two boxes' contents as they lie there."""

    urn: str
    claim: bytes
    signature: bytes


def active_manifest(store: bytes) -> ManifestBoxes:
    """Return claim (CBOR) and signature (COSE_Sign1) of a store's active manifest, the last one.

    Raises `JumbfError` on anything that is not a whole store with a claim and a signature.
    """
    budget = [BOXES_MAX]
    top = [content for kind, content in _boxes(store, budget) if kind == b"jumb"]
    if len(top) != 1 or _label(top[0], budget) != "c2pa":
        raise JumbfError("not a manifest store")
    manifests = _superboxes(top[0], budget)
    if not manifests:
        raise JumbfError("a store without a manifest")
    urn, manifest = manifests[-1]
    parts = dict(_superboxes(manifest, budget))
    claim = parts.get("c2pa.claim.v2") or parts.get("c2pa.claim")
    signature = parts.get("c2pa.signature")
    if claim is None or signature is None:
        raise JumbfError("a manifest without a claim or a signature")
    return ManifestBoxes(urn, _cbor(claim, budget), _cbor(signature, budget))


def _superboxes(superbox: bytes, budget: list[int]) -> list[tuple[str, bytes]]:
    """Return label and content of each superbox directly inside `superbox`."""
    inside = (content for kind, content in _boxes(superbox, budget) if kind == b"jumb")
    return [(_label(content, budget), content) for content in inside]


def _label(superbox: bytes, budget: list[int]) -> str:
    for kind, content in _boxes(superbox, budget):
        if kind != b"jumd" or len(content) <= _LABEL_AT or not content[_LABEL_AT - 1] & _LABELED:
            break
        try:
            return content[_LABEL_AT : content.index(0, _LABEL_AT)].decode()
        except ValueError:  # no terminating zero, or not UTF-8
            break
    raise JumbfError("a superbox without a label")


def _cbor(superbox: bytes, budget: list[int]) -> bytes:
    for kind, content in _boxes(superbox, budget):
        if kind == b"cbor":
            return content
    raise JumbfError("a claim or signature that is not CBOR")


def _boxes(data: bytes, budget: list[int]) -> Iterator[tuple[bytes, bytes]]:
    """Walk boxes side by side: four bytes length with the header, four bytes type, content."""
    at = 0
    while at < len(data):
        budget[0] -= 1
        if budget[0] < 0:
            raise JumbfError(f"more than {BOXES_MAX} boxes")
        if at + _HEADER.size > len(data):
            raise JumbfError("a box is cut off")
        length, kind = _HEADER.unpack_from(data, at)
        start = at + _HEADER.size
        if length == 1 and start + _EXTENDED.size <= len(data):  # the length follows in 8 bytes
            (length,) = _EXTENDED.unpack_from(data, start)
            start += _EXTENDED.size
        elif length == 0:  # to the end of what encloses it
            length = len(data) - at
        if length < start - at or at + length > len(data):
            raise JumbfError("a box is longer than what encloses it")
        yield kind, data[start : at + length]
        at += length
